using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Scratch memory on a device that one launch fills for the next, such as partial sums. It grows when a larger size is first asked for,
/// so a training loop of equal steps allocates only in its first step.
/// </summary>
/// <param name="launcher">The accelerator, and the stream of all launches that use the scratch.</param>
sealed class Workspace(Launcher launcher)
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
        long floats = Floats<T>(length);
        if (launcher.Lend is { } lend)
        {
            return lend(floats).Cast<T>();
        }
        if (Growth(buffers.Count == 0 ? 0 : buffers[^1].View.Length, floats) is { } grown)
        {
            buffers.Add(new AlignedBuffer(launcher, grown));
        }
        return buffers[^1].View.SubView(0, floats).Cast<T>();
    }

    /// <summary>The length of the buffer that a request needs; null where the last one is large enough.</summary>
    /// <param name="last">The length of the last buffer; 0 where there is none.</param>
    /// <param name="floats">The length that is asked for, at least 1.</param>
    internal static long? Growth(long last, long floats) => last < floats ? Math.Max(floats, 2 * last) : null;

    /// <summary>How many floats take the memory of some values.</summary>
    /// <typeparam name="T">The type of a value.</typeparam>
    /// <param name="length">How many values.</param>
    internal static long Floats<T>(long length)
        where T : unmanaged => length * Interop.SizeOf<T>() / sizeof(float);

    /// <summary>The memory of a buffer in bytes.</summary>
    /// <param name="floats">Its length.</param>
    internal long BytesOf(long floats) => AlignedBuffer.BytesOf(launcher, floats);
}
