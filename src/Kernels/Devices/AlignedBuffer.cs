using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A buffer of floats on a device, initialized to 0, whose first value begins a cache line of the processor. ILGPU aligns the memory of
/// the CPU accelerator to 16 bytes only, and vector loads that straddle two cache lines are slower.
/// </summary>
sealed class AlignedBuffer : IDisposable
{
    const int LineBytes = 64;

    readonly MemoryBuffer1D<float, Stride1D.Dense>? buffer;

    /// <summary>Allocates the values and sets them to 0.</summary>
    /// <param name="launcher">The accelerator, and the stream on which they are set to 0.</param>
    /// <param name="length">The number of values.</param>
    public AlignedBuffer(Launcher launcher, long length)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        if (launcher.Lend is { } lend)
        {
            View = lend(length);
            // On OpenCL, ILGPU sets whole buffers only.
            View.CopyFromCPU(launcher.MemoryStream, new float[length]);
            return;
        }
        buffer = launcher.Accelerator.Allocate1D<float>(AllocatedLength(launcher, length));
        buffer.MemSetToZero(launcher.MemoryStream);
        View = buffer.View.SubView(IsOnHost(launcher) ? ValuesToNextLine(buffer.View) : 0, length);
    }

    /// <summary>The values.</summary>
    public ArrayView<float> View { get; }

    /// <summary>The memory that it takes, in bytes.</summary>
    /// <param name="launcher">The accelerator.</param>
    /// <param name="length">The number of values.</param>
    public static long BytesOf(Launcher launcher, long length)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        return sizeof(float) * AllocatedLength(launcher, length);
    }

    /// <inheritdoc/>
    public void Dispose() => buffer?.Dispose();

    static bool IsOnHost(Launcher launcher) => launcher.Accelerator.AcceleratorType == AcceleratorType.CPU;

    static long AllocatedLength(Launcher launcher, long length) => length + (IsOnHost(launcher) ? LineBytes / sizeof(float) : 0);

    static unsafe int ValuesToNextLine(ArrayView<float> view)
    {
        long address = (long)Unsafe.AsPointer(ref view[0]);
        return (int)((LineBytes - (address % LineBytes)) % LineBytes / sizeof(float));
    }
}
