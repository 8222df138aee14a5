using ILGPU;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Memory on a device for what one launch leaves for the next. It grows with the first use of a larger size, never in a loop of equal steps.
/// What it was before stays until the accelerator ends: launches that were recorded may still be replayed on it.
/// </summary>
/// <param name="launcher">The accelerator.</param>
sealed class Workspace(Launcher launcher)
{
    readonly List<MemoryBuffer1D<float, Stride1D.Dense>> buffers = [];

    /// <summary>Room for values, which holds what was left there.</summary>
    /// <typeparam name="T">The type of a value; its size is a multiple of 4 bytes.</typeparam>
    /// <param name="length">How many.</param>
    public ArrayView<T> Take<T>(long length)
        where T : unmanaged
    {
        long words = length * Interop.SizeOf<T>() / sizeof(float);
        if (buffers.Count == 0 || buffers[^1].Length < words)
        {
            buffers.Add(launcher.Accelerator.Allocate1D<float>(buffers.Count == 0 ? words : Math.Max(words, 2 * buffers[^1].Length)));
        }
        return buffers[^1].View.BaseView.SubView(0, words).Cast<T>();
    }
}
