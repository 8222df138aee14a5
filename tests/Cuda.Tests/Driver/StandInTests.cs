using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Driver;

/// <summary>The stand-in behaves as a driver does.</summary>
sealed class StandInTests : CudaTests
{
    [TestCaseSource(typeof(StandInDevice), nameof(StandInDevice.All))]
    public void The_catalog_lists_the_shown_device(StandInDevice device)
    {
        StandInDriver.Show(device);
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        FoundDevice found = catalog.Choose("auto");
        var cuda = (CudaDevice)found.Device;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(found.Name, Is.EqualTo("cuda:0"));
            Assert.That(cuda.Architecture, Is.EqualTo(new CudaArchitecture(device.Major, device.Minor)));
            Assert.That(cuda.InstructionSet, Is.EqualTo(CudaInstructionSet.ISA_84));
            Assert.That(cuda.NumMultiprocessors, Is.EqualTo(device.Multiprocessors));
            Assert.That(cuda.MemorySize, Is.EqualTo(device.MemoryBytes));
        }
    }

    [Test]
    public void Memory_is_copied_and_given_back()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        long before = StandInDriver.UsedBytes;
        using (MemoryBuffer1D<int, Stride1D.Dense> buffer = accelerator.Allocate1D([1, 2, 3]))
        {
            Assert.That(StandInDriver.UsedBytes - before, Is.EqualTo(12));
            Assert.That(buffer.GetAsArray1D(), Is.EqualTo([1, 2, 3]));
        }
        Assert.That(StandInDriver.UsedBytes, Is.EqualTo(before));
    }

    // As a driver does, whose streams are the current accelerator's: one that has ended has none.
    [Test]
    public void A_stream_without_a_current_accelerator_is_refused()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using var accelerator = (CudaAccelerator)catalog.Start(catalog.Choose("cuda"));
        catalog.Start(catalog.Choose("cuda")).Dispose();
        Assert.That(
            () => accelerator.CreateStream(StreamFlags.CU_STREAM_DEFAULT),
            Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Error)).EqualTo("CUDA_ERROR_INVALID_CONTEXT"));
    }

    [Test]
    public void A_launch_is_written_down()
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        using Accelerator accelerator = catalog.Start(catalog.Choose("cuda"));
        var kernels = new KernelSet(accelerator);
        using MemoryBuffer1D<float, Stride1D.Dense> x = accelerator.Allocate1D<float>(4000), y = accelerator.Allocate1D<float>(4000);
        kernels.Tanh.Forward(x.View, y.View);
        DriverCall launch = StandInDriver.Calls.Single(call => call.Name == "cuLaunchKernel");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(launch.Kernel, Does.Contain("ForwardKernel"));
            Assert.That(launch.GroupSize, Is.EqualTo(kernels.Launcher.Shape.GroupSize));
            Assert.That((launch.Groups, launch.Mode, launch.Error), Is.EqualTo((4L, CallMode.Plain, 0)));
            Assert.That(BitConverter.ToInt64(launch.Arguments), Is.EqualTo((long)x.NativePtr));
        }
    }
}
