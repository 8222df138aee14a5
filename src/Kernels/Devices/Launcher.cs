using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Where operations load and launch their kernels: an accelerator, the stream that orders the launches, and the launch shape.
/// </summary>
/// <param name="Accelerator">The accelerator.</param>
/// <param name="Stream">The stream on which all launches and copies of a run are ordered.</param>
/// <param name="Shape">The launch shape.</param>
sealed record Launcher(Accelerator Accelerator, AcceleratorStream Stream, LaunchShape Shape)
{
    /// <summary>The stream on which all launches and copies of a run are ordered.</summary>
    /// <exception cref="InvalidOperationException">
    /// Launches are being recorded, and this one or this copy would be made at once instead.
    /// </exception>
    public AcceleratorStream Stream
    {
        get => Recording is null ? MemoryStream : throw new InvalidOperationException("this launch cannot be recorded");
        init => MemoryStream = value;
    }

    /// <summary>The same, for memory that an operation takes while its launches are recorded.</summary>
    internal AcceleratorStream MemoryStream { get; private init; } = Stream;

    /// <summary>The precision of matrix products.</summary>
    public Precision Precision { get; init; } = Precision.Full;

    /// <summary>
    /// Where the memory of each <see cref="AlignedBuffer"/> and <see cref="Workspace"/> comes from, by its length, each time that it is
    /// asked for; null for memory of their own. Tests lend memory that they watch.
    /// </summary>
    internal Func<long, ArrayView<float>>? Lend { get; init; }

    /// <summary>
    /// A launcher with the device's own launch shape, on the accelerator's default stream or, on CUDA, on a new one: the driver cannot
    /// capture its default stream as a graph. The new stream and the default stream still wait for each other.
    /// </summary>
    /// <param name="accelerator">The accelerator.</param>
    public static Launcher For(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        AcceleratorStream stream = accelerator is CudaAccelerator cuda ? NewStream(cuda) : accelerator.DefaultStream;
        return new Launcher(accelerator, stream, LaunchShape.For(accelerator.Device));
    }

    /// <summary>Where launches go while they are recorded instead of made; null while they are made.</summary>
    internal ICollection<IRecordedLaunch>? Recording { get; set; }

    /// <summary>
    /// The launch configuration for the workers of a processor: threads of one group on the CPU accelerator, where groups take turns;
    /// groups of one thread on OpenCL, where each core runs the threads of a group one after another.
    /// </summary>
    internal KernelConfig Workers => WorkersOf(Shape.Cores);

    /// <summary>The same for a given number of workers.</summary>
    /// <param name="count">How many.</param>
    internal KernelConfig WorkersOf(int count) => Accelerator.AcceleratorType == AcceleratorType.CPU ? new(1, count) : new(count, 1);

    /// <summary>The launch configuration for independent items; see <see cref="LaunchShape.Over"/>.</summary>
    /// <param name="items">The number of items that the kernel computes.</param>
    public KernelConfig Over(int items) => Shape.Over(items);

    static CudaStream NewStream(CudaAccelerator accelerator)
    {
        // ILGPU does not bind the accelerator here: CreateStream with flags takes the CUDA context that the thread used last.
        accelerator.Bind();
        return accelerator.CreateStream(StreamFlags.CU_STREAM_DEFAULT);
    }
}
