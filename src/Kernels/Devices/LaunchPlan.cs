namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// What the launches of operations would take, told without making any: how many they are, and the memory of the workspaces. An operation
/// that takes more than one launch tells it by a method beside the one that launches it; they are to be called in the same order.
/// </summary>
sealed class LaunchPlan
{
    readonly Dictionary<Workspace, List<long>> buffers = [];

    /// <summary>The launches so far.</summary>
    public int Launches { get; private set; }

    /// <summary>
    /// The memory of all workspaces in bytes, those that were outgrown included, on an accelerator that has taken none of it yet.
    /// </summary>
    public long WorkspaceBytes => buffers.Sum(workspace => workspace.Value.Sum(workspace.Key.BytesOf));

    /// <summary>Counts launches.</summary>
    /// <param name="count">How many.</param>
    public void Launch(int count = 1) => Launches += count;

    /// <summary>Counts what <see cref="Workspace.Take"/> takes.</summary>
    /// <typeparam name="T">The type of a value.</typeparam>
    /// <param name="workspace">The workspace.</param>
    /// <param name="length">How many values.</param>
    public void Take<T>(Workspace workspace, long length)
        where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(workspace);
        if (!buffers.TryGetValue(workspace, out List<long>? taken))
        {
            buffers.Add(workspace, taken = []);
        }
        if (Workspace.Growth(taken.LastOrDefault(), Workspace.Floats<T>(length)) is { } grown)
        {
            taken.Add(grown);
        }
    }
}
