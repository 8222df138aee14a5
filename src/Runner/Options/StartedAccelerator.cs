using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The accelerator that a command works on, with its kernels.</summary>
sealed class StartedAccelerator : IDisposable
{
    readonly AcceleratorCatalog catalog = KernelContext.OpenCatalog();
    readonly Accelerator accelerator;

    /// <summary>Starts an accelerator.</summary>
    /// <param name="name">What was asked for: auto, cpu, opencl or cuda, also with a number.</param>
    /// <param name="precision">The precision of matrix products, by name.</param>
    /// <exception cref="InvalidRequestException">It is not there, or does not have the precision.</exception>
    public StartedAccelerator(string name, string precision = "float32")
    {
        Precision resolved;
        try
        {
            Found = catalog.Choose(name);
            resolved = Precisions.Named(precision, Found);
            accelerator = catalog.Start(Found);
        }
        catch
        {
            catalog.Dispose();
            throw;
        }
        Kernels = new KernelSet(Launcher.For(accelerator) with { Precision = resolved });
    }

    /// <summary>The device, by its name on the command line.</summary>
    public FoundDevice Found { get; }

    /// <summary>The device.</summary>
    public Device Device => Found.Device;

    /// <summary>The kernels.</summary>
    public KernelSet Kernels { get; }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            accelerator.Dispose();
        }
        catch (AcceleratorException)
        {
            // By now the work is done, or it has failed with an error that tells more. What was not given back goes with the process.
        }
        catalog.Dispose();
    }
}
