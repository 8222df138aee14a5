using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>A part of a sweep as it is found.</summary>
/// <param name="Part">Which one.</param>
/// <param name="Folder">Its folder.</param>
/// <param name="Settings">Its settings; null where it has not begun, or cannot be read.</param>
/// <param name="Results">Its networks that have ended.</param>
/// <param name="Fault">Why it cannot be read; null where nothing is wrong.</param>
sealed record FoundPart(
    SweepPart Part, string Folder, SweepSettings? Settings, IReadOnlyList<NetworkResult> Results, string? Fault)
{
    /// <summary>Whether all its networks have ended.</summary>
    public bool IsComplete => Settings is not null && Settings.Numbers.Count() == Results.Count;

    /// <summary>Its networks that have not ended, where it has begun.</summary>
    public IEnumerable<int> Missing => Settings?.Numbers.Except(Results.Select(result => result.Network.Number)) ?? [];

    /// <summary>Looks for a part.</summary>
    /// <param name="sweep">The folder of the sweep.</param>
    /// <param name="part">The part.</param>
    public static FoundPart Read(string sweep, SweepPart part)
    {
        string folder = part.FolderIn(sweep);
        var nothing = new FoundPart(part, folder, null, [], null);
        if (!SweepFolder.HasResults(folder))
        {
            return nothing;
        }
        try
        {
            string file = SweepFolder.ResultsOf(folder);
            using var store = SweepStore.Read(file);
            return nothing with { Settings = SweepSettings.Read(file, store.Description), Results = store.Results() };
        }
        catch (InvalidRequestException fault)
        {
            return nothing with { Fault = fault.Message };
        }
    }
}
