using Makemore.Gpu.Kernels.Tiles;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Tiles;

public sealed class MeanTests(TileBody body) : TileTests(body)
{
    [TestCase(1, 1000f)]
    [TestCase(2, 1000f)]
    [TestCase(31, 3f)]
    [TestCase(1000, 3f)]
    public void MeanIsPutInItsPlace(int count, float typical)
    {
        float[] values = Samples.Normal(count, seed: 1, mean: typical);
        Vector<double> expected = Vector<double>.Build.Dense(1, values.Average(value => (double)value));
        Tensors.AssertClose(Mean(values), expected, Tolerances.Rounding, Tolerances.Gamma(count) * expected);
    }

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    public void MeanKeepsWhatIsNoNumber(float value) => Assert.That(Mean([1f, 2f, value, 3f]), Is.EqualTo([value]));

    float[] Mean(float[] values)
    {
        GuardedMatrix result = Matrix(Nothing(1), 1);
        Run(new Mean(Matrix(values, values.Length).Memory, values.Length, result.Memory), result);
        return result.Read();
    }
}
