using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Reductions;
using MathNet.Numerics.LinearAlgebra;
using DescriptiveStatistics = MathNet.Numerics.Statistics.DescriptiveStatistics;

namespace Makemore.Gpu.Kernels.Tests.Reductions;

sealed class StatisticsTests(TestBench bench) : KernelTests(bench)
{
    // One, primes, around the number of parts, and several rounds of them.
    static readonly int[] Counts = [1, 2, 3, 7, 127, 255, 256, 257, 511, 513, 6400];

    static readonly Gen<float[]> Values = Gen.Int[1, 700].SelectMany(count => Samples.Value.Array[count]);

    static readonly Gen<(int Rows, int Columns, float[] X)> Matrices =
        from rows in Gen.Int[1, 40]
        from columns in Gen.Int[1, 40]
        from x in Samples.Value.Array[rows * columns]
        select (rows, columns, x);

    [TestCaseSource(nameof(Counts))]
    public void The_summary_is_that_of_MathNet(int count) => AssertSummary(Samples.Normal(count, seed: 1, mean: 0.3));

    [Test]
    public void The_summary_holds_for_random_values() => ForAll(Values, AssertSummary);

    // In single precision the squares of these values, or their sum, have lost all digits or are 0 or infinite.
    [TestCase(1e4, 1)]
    [TestCase(-1e6, 1)]
    [TestCase(1, 1e-6)]
    [TestCase(0, 1e-20)]
    [TestCase(1e-20, 1e-23)]
    [TestCase(0, 1e25)]
    public void The_summary_keeps_its_digits_whatever_the_offset_and_the_scale(double mean, double deviation)
    {
        AssertSummary(Samples.Normal(2, seed: 2, mean, deviation));
        AssertSummary(Samples.Normal(1031, seed: 3, mean, deviation));
    }

    [TestCase(0f)]
    [TestCase(0.1f)]
    [TestCase(-1e30f)]
    [TestCase(1e-30f)]
    public void Equal_values_are_their_mean_and_have_no_deviation(float value) =>
        Assert.That(Summary([.. Enumerable.Repeat(value, 777)]), Is.EqualTo([value, 0f, value, value]));

    [Test]
    public void A_single_value_has_no_deviation() => Assert.That(Summary([2.5f]), Is.EqualTo([2.5f, float.NaN, 2.5f, 2.5f]));

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void A_value_that_is_not_finite_shows_in_the_moments_and_leaves_the_extremes(float value)
    {
        foreach (float[] x in new[] { [value, 3f], [3f, value, -1f], With(Samples.Normal(700, seed: 4), 300, value), [5f, value, 5f, 5f] })
        {
            float[] summary = Summary(x);
            float[] finite = [.. x.Where(float.IsFinite)];
            Assert.That((float.IsFinite(summary[0]), float.IsNaN(summary[1])), Is.EqualTo((false, true)));
            Assert.That(summary[2..], Is.EqualTo([finite.Min(), finite.Max()]));
        }
    }

    [Test]
    public void Without_finite_values_there_are_no_extremes()
    {
        float[] summary = Summary([float.NaN, float.PositiveInfinity, float.NegativeInfinity]);
        Assert.That(summary, Is.EqualTo([float.NaN, float.NaN, float.PositiveInfinity, float.NegativeInfinity]));
        Assert.That(Histogram([float.NaN, float.PositiveInfinity, float.NegativeInfinity], 4), Is.All.Zero);
    }

    // The other shapes of the same accelerator must not change a bit.
    [Test]
    public void Every_launch_shape_gives_the_same_bits()
    {
        float[] x = Samples.Normal(3001, seed: 5, mean: 7);
        TestBench own = TestBenches.EachAccelerator.First(other => other.Name == Bench.Name);
        Tensors.AssertSameBits(Summary(x), Summary(x, own));
        Assert.That(Histogram(x, 100), Is.EqualTo(Histogram(x, 100, own)));
    }

    [Test]
    public void The_histogram_counts_each_value_where_it_lies([ValueSource(nameof(Counts))] int count, [Values(1, 7, 100)] int bins) =>
        AssertHistogram(Samples.Normal(count, seed: 6, mean: -2), bins);

    [Test]
    public void The_histogram_holds_for_random_values() => ForAll(Values, x => AssertHistogram(x, 13));

    // From 0 to 100 in 100 bins each whole number is an edge: it belongs to the bin above it, and the maximum to the last one.
    [Test]
    public void A_value_on_an_edge_belongs_to_the_bin_above_it()
    {
        float[] edges = [.. Enumerable.Range(0, 101).Select(edge => (float)edge)];
        Assert.That(Histogram(edges, 100), Is.EqualTo([.. Enumerable.Repeat(1, 99), 2]));
        float[] below = [0f, .. edges[1..].Select(MathF.BitDecrement), 100f];
        Assert.That(Histogram(below, 100), Is.EqualTo([2, .. Enumerable.Repeat(1, 98), 2]));
    }

    [Test]
    public void Equal_values_are_in_the_middle_of_a_range_that_is_one_wide([Values(0f, 0.1f, 1e-30f, -1e30f)] float value)
    {
        Assert.That(Histogram([value, value, value], 100), Is.EqualTo(With(new int[100], 50, 3)));
        Assert.That(Histogram([value, value], 3), Is.EqualTo(With(new int[3], 1, 2)));
    }

    [Test]
    public void Values_that_are_not_finite_are_counted_nowhere()
    {
        float[] x = [0f, 1f, 2f, 3f, 4f, float.NaN, float.PositiveInfinity, float.NegativeInfinity];
        Assert.That(Histogram(x, 4), Is.EqualTo([1, 1, 1, 2]));
    }

    [TestCaseSource(typeof(Samples), nameof(Samples.MatrixShapes))]
    public void Values_beyond_a_threshold_are_counted_in_their_columns(int rows, int columns) =>
        AssertCountBeyond(rows, columns, Samples.Normal(rows * columns, seed: 7), 0.97f);

    [Test]
    public void Counts_beyond_hold_for_random_values() => ForAll(Matrices, matrix =>
    {
        AssertCountBeyond(matrix.Rows, matrix.Columns, matrix.X, 0.97f);
        AssertCountBeyond(matrix.Rows, matrix.Columns, matrix.X, 0f);
    });

    [Test]
    public void Neither_the_threshold_itself_nor_NaN_is_beyond_it()
    {
        const float threshold = 0.97f;
        float above = MathF.BitIncrement(threshold), below = MathF.BitDecrement(threshold);
        float[] x =
        [
            threshold, above, below, float.NaN, float.PositiveInfinity,
            -threshold, -above, -below, float.NaN, float.NegativeInfinity,
        ];
        Assert.That(CountBeyond(2, 5, x, threshold), Is.EqualTo([0, 2, 0, 0, 2]));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> x = Output(6), scratch = Output(Statistics.ScratchLength);
        ArrayView<float> summary = Output(Statistics.SummaryLength), wrong = Output(5);
        ArrayView<int> counts = Upload(new int[2]), wrongCounts = Upload(new int[3]);
        AssertRejects("scratch", () => Kernels.Statistics.Summarize(x, wrong, summary));
        AssertRejects("summary", () => Kernels.Statistics.Summarize(x, scratch, wrong));
        AssertRejects("summary", () => Kernels.Statistics.Histogram(x, wrong, counts));
        AssertRejects("x", () => Kernels.Statistics.CountBeyond(wrong, 3, 2, -1f, 1f, counts));
        AssertRejects("counts", () => Kernels.Statistics.CountBeyond(x, 3, 2, -1f, 1f, wrongCounts));
    }

    [Test]
    public void Empty_views_of_values_and_of_bins_are_refused()
    {
        ArrayView<float> x = Output(6), scratch = Output(Statistics.ScratchLength), summary = Output(Statistics.SummaryLength);
        AssertOutOfRange("x", () => Kernels.Statistics.Summarize(x.SubView(0, 0), scratch, summary));
        AssertOutOfRange("counts", () => Kernels.Statistics.Histogram(x, summary, Upload(new int[1]).View.SubView(0, 0)));
    }

    static T[] With<T>(T[] values, int index, T value)
    {
        values[index] = value;
        return values;
    }

    // A value's position in the range is rounded three times, and each of the parts that are merged rounds the mean, which lies in the
    // range, and the sum of squares a few times. Rounding of the range itself touches no more than the values' own last digits.
    void AssertSummary(float[] x)
    {
        float[] summary = Summary(x);
        var expected = new DescriptiveStatistics(x.Select(value => (double)value));
        double range = expected.Maximum - expected.Minimum;
        double gamma = Tolerances.Gamma(10 + (3 * Math.Min(x.Length, Statistics.Partials)) + (3 * x.Length / Statistics.Partials));
        Vector<double> allowance = Vector<double>.Build.DenseOfArray(
            [(gamma * range) + (Tolerances.UnitRoundoff * Math.Abs(expected.Mean)), gamma * range, 0, 0]);
        Tensors.AssertClose(
            summary, Vector<double>.Build.DenseOfArray([expected.Mean, expected.StandardDeviation, expected.Minimum, expected.Maximum]),
            Tolerances.Rounding, allowance);
    }

    // A value within a rounding of an edge may be on either side of it.
    void AssertHistogram(float[] x, int bins)
    {
        int[] counts = Histogram(x, bins);
        (double low, double high) = (x.Min(), x.Max());
        (low, high) = low == high ? (low - 0.5, high + 0.5) : (low, high);
        double allowance = Tolerances.Gamma(4) * (high - low);
        int below = 0;
        for (int bin = 0; bin < bins; bin++)
        {
            double edge = low + ((high - low) * (bin + 1) / bins);
            below += counts[bin];
            Assert.That(
                below, Is.InRange(x.Count(value => value < edge - allowance), x.Count(value => value <= edge + allowance)),
                $"up to bin {bin}");
        }
        Assert.That(below, Is.EqualTo(x.Length));
    }

    void AssertCountBeyond(int rows, int columns, float[] x, float threshold)
    {
        IEnumerable<int> expected = Enumerable.Range(0, columns)
            .Select(column => Enumerable.Range(0, rows).Count(row => Math.Abs(x[(row * columns) + column]) > threshold));
        Assert.That(CountBeyond(rows, columns, x, threshold), Is.EqualTo(expected));
    }

    float[] Summary(float[] x, TestBench? bench = null) => Summarize(x, bench ?? Bench).Read();

    int[] Histogram(float[] x, int bins, TestBench? bench = null)
    {
        bench ??= Bench;
        DeviceArray<int> counts = Keep(bench.Upload(new int[bins]));
        bench.Kernels.Statistics.Histogram(Keep(bench.Upload(x)), Summarize(x, bench), counts);
        return counts.Read();
    }

    int[] CountBeyond(int rows, int columns, float[] x, float threshold)
    {
        DeviceArray<int> counts = Upload([.. Enumerable.Repeat(-1, columns)]);
        Kernels.Statistics.CountBeyond(Upload(x), rows, columns, -threshold, threshold, counts);
        return counts.Read();
    }

    DeviceArray<float> Summarize(float[] x, TestBench bench)
    {
        DeviceArray<float> summary = Keep(bench.Output(Statistics.SummaryLength));
        bench.Kernels.Statistics.Summarize(Keep(bench.Upload(x)), Keep(bench.Output(Statistics.ScratchLength)), summary);
        return summary;
    }
}
