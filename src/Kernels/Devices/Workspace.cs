using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Scratch memory on a device that one launch fills for the next, such as partial sums. It grows when a larger size is first asked for,
/// so a training loop of equal steps allocates only in its first step.
/// </summary>
/// <param name="launcher">The accelerator, and the stream of all launches that use the scratch.</param>
public sealed class Workspace(Launcher launcher)
{
    // Outgrown buffers live as long as the accelerator: recorded launches that use them may still be replayed.
    readonly List<AlignedBuffer> buffers = [];

    /// <summary>
    /// Scratch for a number of values, valid until the next call: each call returns the same memory. It is not cleared. The size of a value
    /// is a multiple of 4 bytes.
    /// </summary>
    /// <typeparam name="T">The type of a value.</typeparam>
    /// <param name="length">How many values.</param>
    public ArrayView<T> Take<T>(long length)
        where T : unmanaged
    {
        long floats = length * Interop.SizeOf<T>() / sizeof(float);
        if (launcher.Lend is { } lend)
        {
            return lend(floats).Cast<T>();
        }
        if (buffers.Count == 0 || buffers[^1].View.Length < floats)
        {
            buffers.Add(new AlignedBuffer(launcher, buffers.Count == 0 ? floats : Math.Max(floats, 2 * buffers[^1].View.Length)));
        }
        return buffers[^1].View.SubView(0, floats).Cast<T>();
    }
}
