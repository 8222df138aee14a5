using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tests.Simd;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class TileScaledAddTests(TileBody body) : TileTests(body)
{
    const float Factor = -0.3f;

    [TestCaseSource(nameof(Lengths))]
    public void The_scaled_values_are_added(int count)
    {
        float[] x = Samples.Normal(count, seed: 1), y = Samples.Normal(count, seed: 2);
        GuardedMatrix sum = Matrix(y, count);
        Run(new TileScaledAdd(Factor, Matrix(x, count).Memory, sum.Memory, count), sum);
        AssertSum(sum, x.ToMatrix(count), y.ToMatrix(count));
    }

    [TestCaseSource(nameof(Lengths))]
    public void Values_may_be_scaled_in_place(int count)
    {
        float[] values = Samples.Normal(count, seed: 3);
        GuardedMatrix matrix = Matrix(values, count);
        Run(new TileScaledAdd(Factor, matrix.Memory, matrix.Memory, count), matrix);
        AssertSum(matrix, values.ToMatrix(count), values.ToMatrix(count));
    }

    // Among whole vectors and behind them.
    [Test]
    public void The_digits_of_a_sum_do_not_depend_on_its_index([Random(-3f, 3f, 20)] float x)
    {
        const int count = 33;
        GuardedMatrix sum = Matrix([.. Enumerable.Repeat(0.7f, count)], count);
        Run(new TileScaledAdd(Factor, Matrix([.. Enumerable.Repeat(x, count)], count).Memory, sum.Memory, count), sum);
        Assert.That(sum.Read().Distinct(), Has.Exactly(1).Items);
    }

    static void AssertSum(GuardedMatrix actual, Matrix<double> x, Matrix<double> y) =>
        Tensors.AssertClose(
            actual.Read(), y + (Factor * x), Tolerances.Rounding, Tolerances.Gamma(2) * (y.PointwiseAbs() + (-Factor * x.PointwiseAbs())));
}
