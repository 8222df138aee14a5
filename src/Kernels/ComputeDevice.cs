using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels;

/// <summary>
/// A device at work: it makes tensors and runs the kernels on them. All that is asked of it runs in that order; nothing waits until
/// somebody reads a result.
/// </summary>
/// <remarks>
/// <para>
/// What is made by a device may be disposed before or after it. What is used after it was disposed throws
/// <see cref="ObjectDisposedException"/>. A device is used by one thread at a time.
/// </para>
/// <example>
/// The product of two matrices, on the best device of the machine:
/// <code>
/// using var device = ComputeDevice.Open();
/// using Tensor a = device.Tensor([2, 3], [1, 2, 3, 4, 5, 6]);
/// using Tensor b = device.Tensor([3, 2], [7, 8, 9, 10, 11, 12]);
/// using Tensor c = device.Kernels.MatMul.Multiply(a, b);
/// Console.WriteLine(string.Join(' ', c.ToArray()));
/// </code>
/// </example>
/// </remarks>
public sealed class ComputeDevice : IDisposable
{
    readonly AcceleratorCatalog? catalog;

    ComputeDevice(AcceleratorCatalog? catalog, FoundDevice found, Accelerator accelerator, Precision precision)
    {
        this.catalog = catalog;
        Found = found;
        Kernels = new KernelSet(Launcher.For(accelerator) with { Precision = precision });
    }

    /// <summary>Its kind; of an accelerator of one's own, too.</summary>
    public DeviceKind Kind => Found.KindOf;

    /// <summary>Its kind, its name, and its architecture or platform.</summary>
    public string Description => Found.Description;

    /// <summary>The memory that tensors may take, in bytes.</summary>
    public long MemoryBytes => Found.MemoryBytes;

    /// <summary>ILGPU's accelerator, for kernels and memory of one's own.</summary>
    public Accelerator Accelerator => Kernels.Accelerator;

    /// <summary>
    /// The stream of all launches and copies. Kernels of one's own that are launched on it run in turn with the library's.
    /// </summary>
    public AcceleratorStream Stream => Kernels.Stream;

    /// <summary>The operations, each with its backward pass.</summary>
    public KernelSet Kernels { get; }

    /// <summary>The device, by its name on the command line.</summary>
    internal FoundDevice Found { get; }

    /// <summary>The devices of this machine that can be used. Takes about a tenth of a second.</summary>
    public static IReadOnlyList<DeviceInfo> List()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        return [.. catalog.Devices.Select(found => new DeviceInfo(found.KindOf, found.Index, found.Description, found.MemoryBytes))];
    }

    /// <summary>Starts a device, by default the best of this machine. Takes about a tenth of a second.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="index">Its number among those of its kind, from 0.</param>
    /// <param name="precision">The precision of matrix products.</param>
    /// <exception cref="InvalidRequestException">It is not there, does not start, or does not have the precision.</exception>
    public static ComputeDevice Open(DeviceKind kind = DeviceKind.Auto, int index = 0, Precision precision = Precision.Full)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        string name = kind.ToString().ToLowerInvariant();
        return Open(kind == DeviceKind.Auto ? name : $"{name}:{index}", precision.Name());
    }

    /// <summary>Works on an accelerator of one's own, of a context that <see cref="KernelContext.Create"/> made.</summary>
    /// <remarks>The accelerator and its context stay the caller's: disposing the device leaves them as they are.</remarks>
    /// <param name="accelerator">The accelerator.</param>
    /// <exception cref="InvalidOperationException">Its context was made otherwise, and cannot compile the kernels.</exception>
    public static ComputeDevice Over(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        return KernelContext.HasKernels(accelerator.Context)
            ? new ComputeDevice(null, FoundDevice.Of(accelerator.Device), accelerator, Precision.Full)
            : throw new InvalidOperationException(
                "the context of this accelerator cannot compile the kernels: make it with "
                    + $"{nameof(KernelContext)}.{nameof(KernelContext.Create)}");
    }

    /// <summary>A tensor, all values 0. The caller disposes it.</summary>
    /// <param name="shape">Its sizes, each at least 1, the outermost first.</param>
    /// <exception cref="ArgumentException">A size is below 1, or there are too many values.</exception>
    public Tensor Tensor(params int[] shape) => TensorStore.Single(Kernels.Launcher, shape);

    /// <summary>A tensor with values. The caller disposes it.</summary>
    /// <param name="shape">Its sizes, each at least 1, the outermost first.</param>
    /// <param name="values">The values, row by row.</param>
    /// <exception cref="ArgumentException">A size is below 1, or the values are not as many as the shape has.</exception>
    public Tensor Tensor(int[] shape, float[] values)
    {
        Tensor tensor = Tensor(shape);
        tensor.Set(values);
        return tensor;
    }

    /// <summary>Waits until everything that was launched is done.</summary>
    public void Synchronize() => Stream.Synchronize();

    /// <summary>Gives the device back, and the memory of all that was made by it.</summary>
    public void Dispose()
    {
        if (catalog is null)
        {
            return;
        }
        try
        {
            Accelerator.Dispose();
        }
        catch (AcceleratorException)
        {
            // By now the work is done, or it has failed with an error that tells more. What was not given back goes with the process.
        }
        catalog.Dispose();
    }

    /// <summary>Starts a device by its name on the command line.</summary>
    /// <param name="name">auto, cpu, opencl or cuda, also with a number, as in opencl:1.</param>
    /// <param name="precision">The precision of matrix products, by name.</param>
    /// <exception cref="InvalidRequestException">It is not there, does not start, or does not have the precision.</exception>
    internal static ComputeDevice Open(string name, string precision = "float32")
    {
        AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        try
        {
            FoundDevice found = catalog.Choose(name);
            Precision resolved = Precisions.Named(precision, found);
            return new ComputeDevice(catalog, found, catalog.Start(found), resolved);
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
    }
}
