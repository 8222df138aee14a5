using CsCheck;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tests.Simd;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class TileMomentsTests(TileBody body) : TileTests(body)
{
    // What padding may hold: a number that is not like the others.
    const float Padding = 1e4f;

    static readonly Gen<(int Batch, float[] X)> Layers =
        from batch in Gen.Int[1, 40]
        from features in Gen.Int[1, 20]
        from x in Samples.Value.Array[batch * features]
        select (batch, x);

    [TestCaseSource(nameof(BatchSizes))]
    public void They_hold_for_every_shape(int batch) =>
        Array.ForEach(FeatureCounts, features => AssertMoments(Samples.Normal(features * batch, seed: 1), batch));

    [Test]
    public void They_hold_for_random_values() => ForAll(Layers, layer => AssertMoments(layer.X, layer.Batch));

    [TestCase(1e3, 1)]
    [TestCase(1e6, 1)]
    public void They_keep_a_deviation_that_is_small_beside_the_mean(double mean, double deviation) =>
        AssertMoments(Samples.Normal(7 * 33, seed: 2, mean, deviation), 33);

    [Test]
    public void Moments_of_one_example_are_itself()
    {
        (float[] means, float[] squares) = Measure([1f, -2f, 3f], 1);
        Assert.That(means, Is.EqualTo([1f, -2f, 3f]));
        Assert.That(squares, Is.All.Zero);
    }

    [Test]
    public void NaN_stays_in_its_feature()
    {
        (float[] means, float[] squares) = Measure([1f, float.NaN, 3f, 4f, 5f, 6f], 3);
        Assert.That((means[0], squares[0]), Is.EqualTo((float.NaN, float.NaN)));
        Assert.That((means[1], squares[1]), Is.EqualTo((5f, 2f)));
    }

    // Sums of the differences d from a feature's first value: each d is rounded once, and each sum at most once for each example.
    void AssertMoments(float[] x, int batch)
    {
        (float[] means, float[] squares) = Measure(x, batch);
        double[][] rows = [.. x.Chunk(batch).Select(row => Array.ConvertAll(row, value => (double)value))];
        Tensors.AssertClose(
            means, Of(rows, row => row.Average()), Tolerances.Rounding,
            Of(rows, row => (Tolerances.Gamma(batch + 3) * row.Average(value => Math.Abs(value - row[0])))
                + (Tolerances.Gamma(1) * Math.Abs(row.Average()))));
        Tensors.AssertClose(
            squares, Of(rows, row => row.Sum(value => Math.Pow(value - row.Average(), 2))), Tolerances.Rounding,
            Of(rows, row => 2 * Tolerances.Gamma((2 * batch) + 6) * row.Sum(value => Math.Pow(value - row[0], 2))));
    }

    static Vector<double> Of(double[][] rows, Converter<double[], double> value) =>
        Vector<double>.Build.Dense(Array.ConvertAll(rows, value));

    (float[] Means, float[] Squares) Measure(float[] x, int batch)
    {
        int features = x.Length / batch;
        GuardedMatrix means = Features(Nothing(features)), squares = Features(Nothing(features)), scratch = Scratch();
        Run(
            new TileMoments(
                Activations(x, batch, Padding).Memory, means.Memory, squares.Memory, scratch.Memory, features, batch, Padded(batch)),
            means, squares, scratch);
        return (means.Read(), squares.Read());
    }
}
