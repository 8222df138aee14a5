using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Memory on a device for what one launch leaves for the next. It grows with the first use of a larger size, never in a loop of equal steps.
/// </summary>
/// <param name="launcher">The accelerator, and the stream of all that use the memory.</param>
sealed class Workspace(Launcher launcher)
{
    // Outgrown buffers stay until the accelerator ends: launches that were recorded with them may still be replayed.
    readonly List<AlignedBuffer> buffers = [];

    /// <summary>Room for values, until somebody takes room again. It holds whatever was left there.</summary>
    /// <typeparam name="T">The type of a value; its size is a multiple of 4 bytes.</typeparam>
    /// <param name="length">How many.</param>
    public ArrayView<T> Take<T>(long length)
        where T : unmanaged
    {
        long words = length * Interop.SizeOf<T>() / sizeof(float);
        if (buffers.Count == 0 || buffers[^1].View.Length < words)
        {
            buffers.Add(new AlignedBuffer(launcher, buffers.Count == 0 ? words : Math.Max(words, 2 * buffers[^1].View.Length)));
        }
        return buffers[^1].View.SubView(0, words).Cast<T>();
    }
}
