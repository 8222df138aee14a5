using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Measuring;

namespace Makemore.Gpu.Kernels.Tests.Measuring;

/// <summary>What a device can do at most: no figure can be known, but each form must give one.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
sealed class DevicePeakTests(TestBench bench)
{
    // A few threads, since a simulated GPU takes long for all that it holds.
    Launcher OfFewThreads => bench.Launcher with { Shape = bench.Shape with { GroupSize = 1, MaxGroups = 2 } };

    [Test]
    public void Each_form_counts_multiply_adds_and_copies([Values] bool isGpu)
    {
        Launcher launcher = OfFewThreads with { Shape = OfFewThreads.Shape with { IsGpu = isGpu } };
        var peak = new DevicePeak(launcher);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(peak.Gigaflops(seconds: 1e-3), Is.Positive.And.LessThan(double.PositiveInfinity));
            Assert.That(peak.Gigabytes(seconds: 1e-3), Is.Positive.And.LessThan(double.PositiveInfinity));
        }
    }
}
