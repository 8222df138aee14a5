using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests;

/// <summary>Tests that share one accelerator: a kernel takes up to seconds to compile, and is compiled once for all of them.</summary>
abstract class WarmKernelTests : CudaTests
{
    AcceleratorCatalog? catalog;
    KernelSet? kernels;

    /// <summary>The kernels.</summary>
    protected KernelSet Kernels => kernels!;

    /// <summary>Their accelerator.</summary>
    protected Accelerator Accelerator => Kernels.Accelerator;

    [OneTimeSetUp]
    public void Start()
    {
        ResetDriver();
        catalog = KernelContext.OpenCatalog();
        kernels = new KernelSet(catalog.Start(catalog.Choose("cuda")));
    }

    // There is none where the driver was not built.
    [OneTimeTearDown]
    public void Close()
    {
        kernels?.Accelerator.Dispose();
        catalog?.Dispose();
    }
}
