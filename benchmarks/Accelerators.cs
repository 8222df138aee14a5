using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks;

/// <summary>
/// The accelerators of this machine, each started once for all benchmarks: starting one and compiling its kernels takes longer than
/// most measurements.
/// </summary>
static class Accelerators
{
    static readonly AcceleratorCatalog Catalog = KernelContext.OpenCatalog();
    static readonly Dictionary<string, Accelerator> Started = [];
    static readonly Dictionary<(string Name, string Precision), KernelSet> Loaded = [];

    /// <summary>All that are measured, by the catalog's names.</summary>
    public static IReadOnlyList<FoundDevice> Devices => Catalog.DevicesUnderTest;

    /// <summary>That a GPU was looked for and none was found, with what was passed over and why; null where there is one.</summary>
    public static string? NoGpu
    {
        get
        {
            if (Catalog.Devices.Any(device => !LaunchShape.IsProcessor(device.Device)))
            {
                return null;
            }
            IEnumerable<string> reasons = Catalog.PassedOver.Select(device => $"{device.Description}: {device.Reason}");
            return string.Join("; ", reasons.Prepend("A GPU was looked for, and none was found"));
        }
    }

    /// <summary>The device that a name means.</summary>
    /// <param name="name">The name, such as <c>cuda</c> or <c>opencl:1</c>.</param>
    /// <exception cref="InvalidRequestException">There is no such device.</exception>
    public static FoundDevice Choose(string name) => Catalog.Choose(name);

    /// <summary>The kernels on an accelerator.</summary>
    /// <param name="name">The accelerator's name.</param>
    /// <param name="precision">The precision of matrix products, by name; null for the default.</param>
    /// <exception cref="InvalidRequestException">There is no such accelerator, or it does not have the precision.</exception>
    public static KernelSet Kernels(string name, string? precision = null)
    {
        precision ??= Precisions.Names[0];
        if (!Loaded.TryGetValue((name, precision), out KernelSet? kernels))
        {
            FoundDevice device = Catalog.Choose(name);
            Precision resolved = Precisions.Named(precision, device);
            if (!Started.TryGetValue(device.Name, out Accelerator? accelerator))
            {
                Started[device.Name] = accelerator = Catalog.Start(device);
            }
            Loaded[(name, precision)] = kernels = new KernelSet(Launcher.For(accelerator) with { Precision = resolved });
        }
        return kernels;
    }

    /// <summary>Ends all accelerators.</summary>
    public static void Close()
    {
        foreach (Accelerator accelerator in Started.Values)
        {
            accelerator.Dispose();
        }
        Catalog.Dispose();
    }
}
