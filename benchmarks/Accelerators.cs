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

    /// <summary>All that can be used, by the catalogue's names.</summary>
    public static IReadOnlyList<FoundDevice> Devices => Catalog.Devices;

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
