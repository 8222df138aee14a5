using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Diagnostics;

sealed class FittingBinsTests
{
    // The width of Freedman and Diaconis is 2 IQR / n^(1/3), and the interquartile range of a normal distribution 1.349.
    [TestCase(270)]
    [TestCase(6400)]
    public void A_normal_distribution_has_the_bins_of_Freedman_and_Diaconis(int count)
    {
        Histogram fine = Fine(new TorchGenerator(1).RandN(count));
        double expected = (fine.High - fine.Low) / (2 * 1.349 / Math.Cbrt(count));
        Histogram histogram = FittingBins.Of(fine);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(histogram.Counts, Has.Count.EqualTo(expected).Within(20).Percent);
            Assert.That(histogram.Counts.Sum(), Is.EqualTo(count));
            Assert.That((histogram.Low, histogram.High), Is.EqualTo((fine.Low, fine.High)));
        }
    }

    // At both ends of tanh the quartiles are as far apart as can be, which would leave 10 bins.
    [Test]
    public void Values_at_both_ends_have_no_fewer_bins_than_Rice_gives()
    {
        Histogram fine = Fine([.. new TorchGenerator(1).RandN(6400).Select(value => MathF.Tanh(2 * value))]);
        Assert.That(FittingBins.Of(fine).Counts, Has.Count.EqualTo(2 * Math.Cbrt(6400)).Within(3));
    }

    [TestCase(new float[] { 0, 1, 2, 2, 1, 0, 1 }, new[] { 2, 3, 2 })]
    [TestCase(new float[] { 0, 5, 5 }, new[] { 1, 2 })]
    [TestCase(new float[] { 3, 3, 3 }, new[] { 3 })]
    public void A_few_distinct_values_have_a_bin_each(float[] values, int[] counts) =>
        Assert.That(FittingBins.Of(Fine(values)).Counts, Is.EqualTo(counts));

    [Test]
    public void A_single_value_far_out_does_not_cost_more_bins_than_are_seen()
    {
        Histogram fine = Fine([.. new TorchGenerator(1).RandN(1000), 1000]);
        Assert.That(FittingBins.Of(fine).Counts, Has.Count.LessThanOrEqualTo(105));
    }

    [Test]
    public void Where_nothing_is_counted_there_is_one_bin() =>
        Assert.That(FittingBins.Of(new Histogram(0, 1, new int[FittingBins.Fine])).Counts, Is.EqualTo([0]));

    static Histogram Fine(float[] values)
    {
        (double low, double high) = (values.Min(), values.Max());
        (low, high) = low == high ? (low - 0.5, high + 0.5) : (low, high);
        var counts = new int[FittingBins.Fine];
        foreach (float value in values)
        {
            counts[Math.Min(FittingBins.Fine - 1, (int)((value - low) / (high - low) * FittingBins.Fine))]++;
        }
        return new Histogram(low, high, counts);
    }
}
