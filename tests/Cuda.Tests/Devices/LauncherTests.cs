using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Devices;

/// <summary>Launchers of one accelerator where there are others.</summary>
sealed class LauncherTests : CudaTests
{
    [Test]
    public void An_accelerator_gets_a_stream_after_another_one_has_ended()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        catalog.Start(catalog.Choose("cuda")).Dispose();
        Assert.That(Launcher.For(accelerator).Stream, Is.Not.SameAs(accelerator.DefaultStream));
    }
}
