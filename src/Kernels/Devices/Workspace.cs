using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Memory for what an operation holds between its own kernels: it grows with the largest size that is asked for, so that a loop of equal
/// steps allocates nothing after its first.
/// </summary>
/// <param name="launcher">The accelerator, and the stream of all that use the memory.</param>
sealed class Workspace(Launcher launcher)
{
    // Outgrown buffers stay: launches that were recorded with them may be repeated.
    readonly List<AlignedBuffer> buffers = [];

    /// <summary>Values for the launches that follow, until somebody takes values again. They hold whatever was left there.</summary>
    /// <param name="length">How many.</param>
    public ArrayView<float> Take(long length)
    {
        if (buffers.Count == 0 || buffers[^1].View.Length < length)
        {
            buffers.Add(new AlignedBuffer(launcher, length));
        }
        return buffers[^1].View.SubView(0, length);
    }
}
