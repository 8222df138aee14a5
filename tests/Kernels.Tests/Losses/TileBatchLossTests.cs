using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Tests.Simd;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Losses;

sealed class TileBatchLossTests(TileBody body) : TileTests(body)
{
    [TestCase(1, 1000f)]
    [TestCase(2, 1000f)]
    [TestCase(31, 3f)]
    [TestCase(1000, 3f)]
    public void The_mean_is_written(int count, float typical)
    {
        float[] losses = Samples.Normal(count, seed: 1, mean: typical);
        Vector<double> expected = Vector<double>.Build.Dense(1, losses.Average(value => (double)value));
        Tensors.AssertClose(BatchLoss(losses, []), expected, Tolerances.Rounding, Tolerances.Gamma(count) * expected);
    }

    [Test]
    public void The_L2_losses_are_added_to_the_mean() => Assert.That(BatchLoss([1f, 2f, 6f], [0.5f, 0.25f]), Is.All.EqualTo(3.75f));

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void NaN_and_infinity_stay(float value)
    {
        Assert.That(BatchLoss([1f, 2f, value, 3f], [1f]), Is.All.EqualTo(value));
        Assert.That(BatchLoss([1f, 2f, 3f], [1f, value]), Is.All.EqualTo(value));
    }

    float[] BatchLoss(float[] losses, float[] l2Losses)
    {
        GuardedMatrix result = Matrix(Nothing(1), 1);
        GuardedMatrix terms = Matrix([.. l2Losses, float.NaN], l2Losses.Length + 1);
        Run(new TileBatchLoss(Matrix(losses, losses.Length).Memory, losses.Length, terms.Memory, l2Losses.Length, result.Memory), result);
        return result.Read();
    }
}
