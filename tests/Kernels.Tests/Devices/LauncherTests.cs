using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
public sealed class LauncherTests(TestBench bench)
{
    [Test]
    public void ForTakesTheDefaultStreamAndTheDevicesOwnShape()
    {
        var launcher = Launcher.For(bench.Accelerator);
        Assert.That(launcher.Accelerator, Is.SameAs(bench.Accelerator));
        Assert.That(launcher.Stream, Is.SameAs(bench.Accelerator.DefaultStream));
        Assert.That(launcher.Shape, Is.EqualTo(LaunchShape.For(bench.Accelerator.Device)));
    }

    [Test]
    public void OverIsThatOfItsShape() => Assert.That(bench.Launcher.Over(1000), Is.EqualTo(bench.Shape.Over(1000)));

    [Test]
    public void AKernelSetLaunchesAllItsKernelsThere()
    {
        var kernels = new KernelSet(bench.Accelerator);
        Assert.That(kernels.Launcher, Is.EqualTo(Launcher.For(bench.Accelerator)));
        Assert.That((kernels.Accelerator, kernels.Stream), Is.EqualTo((bench.Accelerator, bench.Accelerator.DefaultStream)));
    }
}
