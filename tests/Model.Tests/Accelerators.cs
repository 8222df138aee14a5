using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

/// <summary>
/// Every accelerator of this machine that is under test (<see cref="AcceleratorCatalog.DevicesUnderTest"/>), started with its first use and
/// shared by all tests, which run one after another.
/// </summary>
[SetUpFixture]
sealed class Accelerators
{
    static readonly AcceleratorCatalog Catalog = KernelContext.OpenCatalog();
    static readonly Dictionary<string, KernelSet> Started = [];

    // A GPU's warps, simulated: each of their threads is one of the operating system's.
    static readonly AcceleratorCatalog WarpCatalog = KernelContext.OpenCatalog(
        new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 4, numMultiprocessors: 2));

    static readonly Lazy<KernelSet> StartedWarps = new(() => new KernelSet(WarpCatalog.Start(WarpCatalog.Choose("cpu"))));

    /// <summary>The names of all accelerators, for fixtures that run on each.</summary>
    public static IEnumerable<string> Names => Catalog.DevicesUnderTest.Select(device => device.Name);

    /// <summary>How many multiprocessors an accelerator has.</summary>
    public static int Multiprocessors(string name) => Catalog.Choose(name).Device.NumMultiprocessors;

    /// <summary>The accelerator that is on every machine.</summary>
    public static KernelSet Cpu => Kernels("cpu:0");

    /// <summary>Two multiprocessors of four warps each, simulated on the processor.</summary>
    public static KernelSet Warps => StartedWarps.Value;

    /// <summary>The kernels of an accelerator.</summary>
    public static KernelSet Kernels(string name)
    {
        if (!Started.TryGetValue(name, out KernelSet? kernels))
        {
            kernels = new KernelSet(Catalog.Start(Catalog.Choose(name)));
            Started.Add(name, kernels);
        }
        return kernels;
    }

    [OneTimeTearDown]
    public void Close()
    {
        foreach (Accelerator accelerator in Started.Values.Select(kernels => kernels.Accelerator))
        {
            accelerator.Dispose();
        }
        if (StartedWarps.IsValueCreated)
        {
            Warps.Accelerator.Dispose();
        }
        WarpCatalog.Dispose();
        Catalog.Dispose();
    }
}
