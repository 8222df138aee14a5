using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks;

/// <summary>
/// The accelerators of this machine, each started once for all benchmarks: starting one and compiling its kernels takes longer than
/// most measurements.
/// </summary>
public static class Accelerators
{
    static readonly AcceleratorCatalog Catalog = AcceleratorCatalog.Open();
    static readonly Dictionary<string, KernelSet> Started = [];

    /// <summary>All that are measured, by the catalogue's names.</summary>
    public static IReadOnlyList<FoundDevice> Devices => Catalog.DevicesUnderTest;

    /// <summary>The device that a name means.</summary>
    /// <param name="name">The name, such as <c>cuda</c> or <c>opencl:1</c>.</param>
    /// <exception cref="InvalidRequestException">There is no such device.</exception>
    public static FoundDevice Choose(string name) => Catalog.Choose(name);

    /// <summary>The kernels on an accelerator.</summary>
    /// <param name="name">The accelerator's name.</param>
    public static KernelSet Kernels(string name)
    {
        if (!Started.TryGetValue(name, out KernelSet? kernels))
        {
            Started[name] = kernels = new KernelSet(Catalog.Start(Catalog.Choose(name)));
        }
        return kernels;
    }

    /// <summary>Ends all accelerators.</summary>
    public static void Close()
    {
        foreach (Accelerator accelerator in Started.Values.Select(kernels => kernels.Accelerator))
        {
            accelerator.Dispose();
        }
        Catalog.Dispose();
    }
}
