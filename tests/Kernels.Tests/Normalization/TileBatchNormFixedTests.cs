using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class TileBatchNormFixedTests(TileBody body) : TileTests(body)
{
    static readonly BatchNormConstants Variance = new(Epsilon: 0.01f, Momentum: 0f, RunningStatistic.Variance);

    [TestCaseSource(nameof(BatchSizes))]
    public void It_normalizes_by_the_variance_for_every_shape(int batch) =>
        Array.ForEach(FeatureCounts, features => AssertNormalized(features, batch, Variance));

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.All))]
    public void It_follows_its_constants(BatchNormConstants constants) => AssertNormalized(17, 33, constants);

    [Test]
    public void It_takes_a_single_example() => AssertNormalized(5, 1, Variance);

    void AssertNormalized(int features, int batch, BatchNormConstants constants)
    {
        float[] x = Samples.Normal(features * batch, seed: 1, mean: 0.5);
        float[] gain = Samples.Normal(features, seed: 2, mean: 1, deviation: 0.3), bias = Samples.Normal(features, seed: 3);
        float[] mean = Samples.Normal(features, seed: 4);
        float[] measure = Array.ConvertAll(Samples.Normal(features, seed: 5), value => (value * value) + 0.001f);
        float[] y = Normalize(x, gain, bias, mean, measure, batch, constants, inPlace: false);
        Tensors.AssertSameBits(Normalize(x, gain, bias, mean, measure, batch, constants, inPlace: true), y);

        Matrix<double> expected = ReferenceOperations.BatchNormFixed(
            x.ToMatrix(batch).Transpose(), gain.ToVector(), bias.ToVector(), mean.ToVector(),
            ReferenceOperations.DeviationOfStored(measure.ToVector(), constants));

        // At most eight roundings touch the normalized value, and one the bias.
        Matrix<double> terms = expected.MapIndexed((_, j, value) => Math.Abs(value - bias[j]) + Math.Abs(bias[j]), Zeros.Include);
        Tensors.AssertClose(
            y, expected.Transpose(), Tolerances.Rounding, Tolerances.Gamma(8) * terms.Transpose(), $"y [{features}, {batch}]");
    }

    float[] Normalize(
        float[] x, float[] gain, float[] bias, float[] mean, float[] measure, int batch, BatchNormConstants constants, bool inPlace)
    {
        GuardedMatrix values = Activations(x, batch, padding: 0f), scratch = Scratch();
        GuardedMatrix y = inPlace ? values : Activations(Nothing(x.Length), batch, float.NaN);
        var operation = new TileBatchNormFixed(
            values.Memory, y.Memory, Features(gain).Memory, Features(bias).Memory, Features(mean).Memory, Features(measure).Memory,
            scratch.Memory, constants, gain.Length, Padded(batch));
        Run(operation, y, scratch);
        return y.Read();
    }
}
