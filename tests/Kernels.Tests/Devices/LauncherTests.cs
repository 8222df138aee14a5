using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
sealed class LauncherTests(TestBench bench)
{
    // CUDA does not record what is launched on its default stream.
    [Test]
    public void For_takes_the_shape_of_the_device_and_except_on_CUDA_the_default_stream()
    {
        var launcher = Launcher.For(bench.Accelerator);
        Assert.That(launcher.Accelerator, Is.SameAs(bench.Accelerator));
        Assert.That(
            launcher.Stream == bench.Accelerator.DefaultStream, Is.EqualTo(bench.Accelerator.AcceleratorType != AcceleratorType.Cuda));
        Assert.That(launcher.Shape, Is.EqualTo(LaunchShape.For(bench.Accelerator.Device)));
    }

    [Test]
    public void Over_is_that_of_its_shape() => Assert.That(bench.Launcher.Over(1000), Is.EqualTo(bench.Shape.Over(1000)));

    [Test]
    public void A_kernel_set_launches_all_its_kernels_there()
    {
        var kernels = new KernelSet(bench.Accelerator);
        Assert.That(
            (kernels.Accelerator, kernels.Launcher.Shape), Is.EqualTo((bench.Accelerator, LaunchShape.For(bench.Accelerator.Device))));
        Assert.That(kernels.Stream, Is.SameAs(kernels.Launcher.Stream));
    }
}
