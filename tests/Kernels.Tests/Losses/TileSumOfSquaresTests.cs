using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Tests.Simd;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Losses;

sealed class TileSumOfSquaresTests(TileBody body) : TileTests(body)
{
    [Test]
    public void The_scaled_sum_is_written([Values(1, 2, 3, 100)] int vectors, [Values(1f, -0.003f, 0f)] float factor)
    {
        int count = vectors * Body.Padding;
        float[] values = Samples.Normal(count, seed: 1, mean: 2);
        Vector<double> expected = Vector<double>.Build.Dense(1, values.Sum(value => factor * (double)value * value));
        Tensors.AssertClose(
            SumOfSquares(factor, values), expected, Tolerances.Rounding, Tolerances.Gamma(count + 2) * expected.PointwiseAbs());
    }

    // Biases have any number of values, and rubbish behind them.
    [Test]
    public void What_lies_behind_the_values_does_not_count([Values(1, 7, 27, 33, 61)] int count)
    {
        float[] values = Samples.Normal(count, seed: 2);
        Vector<double> expected = Vector<double>.Build.Dense(1, values.Sum(value => (double)value * value));
        float[] padded = [.. values, .. Enumerable.Repeat(float.NaN, 64)];
        Tensors.AssertClose(SumOfSquares(1f, padded, count), expected, Tolerances.Rounding, Tolerances.Gamma(count + 2) * expected);
    }

    // Each in turn: none is left out, and none is taken twice.
    [Test]
    public void Every_value_counts_once() =>
        Assert.That(
            Enumerable.Range(0, 32).Select(i => SumOfSquares(1f, [.. Enumerable.Range(0, 32).Select(k => k == i ? 3f : 0f)])[0]),
            Is.All.EqualTo(9f));

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void NaN_and_infinity_reach_the_sum(float value) =>
        Assert.That(SumOfSquares(2f, [.. Enumerable.Repeat(1f, 20), value, .. Enumerable.Repeat(1f, 11)]), Is.EqualTo(new[] { value }));

    float[] SumOfSquares(float factor, float[] values, int? count = null)
    {
        GuardedMatrix result = Matrix(Nothing(1), 1), scratch = Scratch();
        Run(
            new TileSumOfSquares(factor, Matrix(values, values.Length).Memory, count ?? values.Length, result.Memory, scratch.Memory),
            result, scratch);
        return result.Read();
    }
}
