using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Random;
using NUnit.Framework;
using DescriptiveStatistics = MathNet.Numerics.Statistics.DescriptiveStatistics;

namespace Makemore.Gpu.Model.Tests.Diagnostics;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class DistributionMeterTests(string accelerator)
{
    const int Bins = 50;

    DistributionMeter meter = null!;

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [OneTimeSetUp]
    public void Create() => meter = new DistributionMeter(Kernels, Bins);

    [OneTimeTearDown]
    public void Dispose() => meter.Dispose();

    // One meter for all: nothing of one tensor is left for the next.
    [Test]
    public void Moments_extremes_and_counts_are_MathNets([Values(2, 100, 6400)] int count)
    {
        float[] x = new TorchGenerator(3).RandN(count);
        Distribution distribution = Measure(x);
        var expected = new DescriptiveStatistics(x.Select(value => (double)value));
        Histogram histogram = distribution.Histogram;
        using (Assert.EnterMultipleScope())
        {
            Close.Assert(
                "moments", [distribution.Mean, distribution.StandardDeviation], [expected.Mean, expected.StandardDeviation],
                Tolerance.Forward);
            Assert.That((histogram.Low, histogram.High), Is.EqualTo((expected.Minimum, expected.Maximum)));
            Assert.That(histogram.Counts, Has.Count.EqualTo(Bins));
            Assert.That(histogram.Counts.Sum(), Is.EqualTo(count));
            Assert.That(
                histogram.Densities().Sum() * (histogram.High - histogram.Low) / Bins, Is.EqualTo(1).Within(1e-12));
        }
    }

    [Test]
    public void Where_no_number_is_asked_for_there_are_as_many_bins_as_the_values_carry()
    {
        using var fitting = new DistributionMeter(Kernels);
        using MemoryBuffer1D<float, Stride1D.Dense> values = Kernels.Accelerator.Allocate1D(Kernels.Stream, new float[] { 0, 0, 1, 0 });
        Histogram histogram = fitting.Measure(values.View).Histogram;
        Assert.That((histogram.Low, histogram.High, histogram.Counts), Is.EqualTo((0.0, 1.0, new[] { 3, 1 })));
    }

    // As the axis of tanh, whatever its outputs: two values in the last bin, which holds 1 itself, and one beyond the range.
    [Test]
    public void A_range_that_is_asked_for_is_that_of_the_bins()
    {
        Distribution distribution = Measure([0.99f, -0.5f, 1f, 7f], (-1, 1));
        Histogram histogram = distribution.Histogram;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((histogram.Low, histogram.High), Is.EqualTo((-1.0, 1.0)));
            Assert.That(histogram.Counts[^1], Is.EqualTo(2));
            Assert.That(histogram.Counts.Sum(), Is.EqualTo(3));
            Assert.That(distribution.Mean, Is.EqualTo(8.49 / 4).Within(1e-6));
        }
    }

    [Test]
    public void Equal_values_stand_in_the_middle_of_a_range_of_one([Values(0f, 0.1f, -3f)] float value)
    {
        Distribution distribution = Measure([value, value, value]);
        Histogram histogram = distribution.Histogram;
        using (Assert.EnterMultipleScope())
        {
            Assert.That((distribution.Mean, distribution.StandardDeviation), Is.EqualTo(((double)value, 0.0)));
            Assert.That((histogram.Low, histogram.High), Is.EqualTo((value - 0.5, value + 0.5)));
            Assert.That(histogram.Counts[Bins / 2], Is.EqualTo(3));
            Assert.That(histogram.Densities()[Bins / 2], Is.EqualTo(Bins).Within(1e-9));
        }
    }

    [Test]
    public void What_is_not_finite_shows_in_the_moments_and_not_in_the_histogram()
    {
        Distribution distribution = Measure([1f, float.NaN, 3f, float.PositiveInfinity]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((double.IsFinite(distribution.Mean), double.IsFinite(distribution.StandardDeviation)), Is.EqualTo((false, false)));
            Assert.That(
                (distribution.Histogram.Low, distribution.Histogram.High, distribution.Histogram.Counts.Sum()), Is.EqualTo((1.0, 3.0, 2)));
        }
    }

    [Test]
    public void The_standard_deviation_alone_is_the_same()
    {
        float[] x = new TorchGenerator(4).RandN(777);
        using MemoryBuffer1D<float, Stride1D.Dense> values = Kernels.Accelerator.Allocate1D(Kernels.Stream, x);
        Assert.That(meter.StandardDeviation(values.View), Is.EqualTo(meter.Measure(values.View).StandardDeviation));
    }

    [Test]
    public void Values_beyond_a_threshold_are_counted_by_columns()
    {
        using MemoryBuffer1D<float, Stride1D.Dense> values = Kernels.Accelerator.Allocate1D(
            Kernels.Stream, [0.5f, -2f, 1f, -3f, 1f, float.NaN]);
        Assert.That(meter.CountBeyond(values.View, 2, -0.9f, 0.9f), Is.EqualTo([2, 2]));
        Assert.That(meter.CountBeyond(values.View, 3, -1f, 1f), Is.EqualTo([1, 1, 0]));
    }

    Distribution Measure(float[] x, (float Low, float High)? range = null)
    {
        using MemoryBuffer1D<float, Stride1D.Dense> values = Kernels.Accelerator.Allocate1D(Kernels.Stream, x);
        return meter.Measure(values.View, range);
    }
}
