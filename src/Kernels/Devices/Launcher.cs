using ILGPU;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>Where operations load and launch their kernels: an accelerator, the stream that orders the launches, and their shape.</summary>
/// <param name="Accelerator">The accelerator.</param>
/// <param name="Stream">The stream on which all launches and copies of a run are ordered.</param>
/// <param name="Shape">The launch shape.</param>
public sealed record Launcher(Accelerator Accelerator, AcceleratorStream Stream, LaunchShape Shape)
{
    /// <summary>The precision of matrix products.</summary>
    public Precision Precision { get; init; } = Precision.Full;

    /// <summary>A launcher on the accelerator's default stream with the device's own launch shape.</summary>
    /// <param name="accelerator">The accelerator.</param>
    public static Launcher For(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        return new Launcher(accelerator, accelerator.DefaultStream, LaunchShape.For(accelerator.Device));
    }

    /// <summary>The launch configuration for independent items; see <see cref="LaunchShape.Over"/>.</summary>
    /// <param name="items">How many items the kernel computes.</param>
    public KernelConfig Over(int items) => Shape.Over(items);
}
