using CsCheck;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class TileBatchNormForwardTests(TileBody body) : TileTests(body)
{
    // What padding may hold: a number that is not like the others.
    const float Padding = 1e4f;

    static readonly Gen<(int Batch, float[] X, float[] Gain, float[] Bias)> Layers =
        from batch in Gen.Int[2, 40]
        from features in Gen.Int[1, 20]
        from x in Samples.Value.Array[batch * features]
        from gain in Samples.Value.Array[features]
        from bias in Samples.Value.Array[features]
        select (batch, x, gain, bias);

    [TestCaseSource(nameof(BatchSizes))]
    public void It_normalizes_every_shape(int batch) => Array.ForEach(FeatureCounts, features =>
        AssertForward(Samples.Normal(features * batch, seed: 1), Gain(features), Bias(features), batch, BatchNormForms.Plain));

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.All))]
    public void It_follows_its_constants(BatchNormConstants constants) =>
        AssertForward(Samples.Normal(17 * 33, seed: 2), Gain(17), Bias(17), 33, constants);

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.WithEpsilon))]
    public void It_holds_for_random_values(BatchNormConstants constants) =>
        ForAll(Layers, layer => AssertForward(layer.X, layer.Gain, layer.Bias, layer.Batch, constants));

    // The difference of two large sums would lose all digits of the variance here.
    [TestCase(1e3, 1)]
    [TestCase(-1e6, 100)]
    [TestCase(1e6, 1)]
    public void It_keeps_a_deviation_that_is_small_beside_the_mean(double mean, double deviation) =>
        AssertForward(Samples.Normal(7 * 33, seed: 3, mean, deviation), Gain(7), Bias(7), 33, BatchNormForms.Plain);

    [Test]
    public void It_keeps_the_deviation_of_the_others_where_the_first_value_lies_apart()
    {
        float[] x = Samples.Normal(7 * 33, seed: 4);
        for (int feature = 0; feature < 7; feature++)
        {
            x[feature * 33] = 100f;
        }
        AssertForward(x, Gain(7), Bias(7), 33, BatchNormForms.Plain);
    }

    [TestCase(0f)]
    [TestCase(0.1f)]
    [TestCase(-1234.567f)]
    [TestCase(1e30f)]
    public void Equal_values_become_the_bias(float value)
    {
        Results results = Forward(
            [.. Enumerable.Repeat(value, 2 * 33)], Gain(2), Bias(2), 33, BatchNormForms.Plain, new float[2], new float[2]);
        Assert.That(results.Y, Is.EqualTo([.. Enumerable.Repeat(Bias(2)[0], 33), .. Enumerable.Repeat(Bias(2)[1], 33)]));
        Assert.That(results.RunningVariance, Is.All.Zero);
    }

    [TestCase(1e14, true)]
    [TestCase(1e16, false)]
    [TestCase(1e20, false)]
    [TestCase(1e37, false)]
    public void A_deviation_whose_square_may_overflow_gives_NaN(double deviation, bool isNormalized)
    {
        Results results = Forward(
            Samples.Normal(2 * 33, seed: 22, deviation: deviation), Gain(2), Bias(2), 33, BatchNormForms.Plain, new float[2], new float[2]);
        Assert.That(
            results.InverseDeviation, isNormalized ? Is.All.EqualTo(1 / deviation).Within(50).Percent : Is.All.NaN);
        Assert.That(results.Y, isNormalized ? Is.All.InRange(-10, 10) : Is.All.NaN);
    }

    // Here rounding takes more from the sum of squares than there is left of it.
    [Test]
    public void The_variance_is_never_negative()
    {
        const int batch = 40_000;
        Results results = Forward([0f, .. Enumerable.Repeat(1.1f, batch - 1)], [1f], [0f], batch, BatchNormForms.All[2], [0f], [1f]);
        Assert.That(results.RunningVariance, Is.All.AtLeast(0.5f));
    }

    [TestCase(0)]
    [TestCase(16)]
    [TestCase(32)]
    public void NaN_reaches_every_result_of_its_feature_and_of_no_other(int example)
    {
        float[] x = Samples.Normal(17 * 33, seed: 5);
        x[(3 * 33) + example] = float.NaN;
        AssertForward(x, Gain(17), Bias(17), 33, BatchNormForms.Plain);
        AssertForward(x, Gain(17), Bias(17), 33, BatchNormForms.All[2]);
    }

    // Gains and biases away from 1 and 0, so that neither can hide an error.
    static float[] Gain(int features) => Samples.Normal(features, seed: 12, mean: 1, deviation: 0.3);

    static float[] Bias(int features) => Samples.Normal(features, seed: 13, mean: 0.2, deviation: 0.5);

    // Two steps, the second with values of another mean and variance.
    void AssertForward(float[] x, float[] gain, float[] bias, int batch, BatchNormConstants constants)
    {
        float[] runningMean = new float[gain.Length];
        float[] runningVariance = [.. Enumerable.Repeat(1f, gain.Length)];
        foreach (float[] values in new[] { x, Array.ConvertAll(x, value => 0.5f - (2f * value)) })
        {
            Results results = Forward(values, gain, bias, batch, constants, runningMean, runningVariance);
            Matrix<double> matrix = values.ToMatrix(batch).Transpose();
            AssertResults(results, matrix, gain.ToVector(), bias.ToVector(), constants, runningMean.ToVector(), runningVariance.ToVector());
            (runningMean, runningVariance) = (results.RunningMean, results.RunningVariance);
        }
    }

    static void AssertResults(
        Results results, Matrix<double> x, Vector<double> gain, Vector<double> bias, BatchNormConstants constants,
        Vector<double> runningMean, Vector<double> runningVariance)
    {
        BatchNormResult expected = ReferenceOperations.BatchNorm(x, gain, bias, constants);
        (Vector<double> off, Vector<double> varianceShare) = NormalizeRounding.OfStatistics(
            x, expected, constants.VarianceDivisor(x.RowCount));

        // A root halves a share; root, quotient and ε add roundings of their own.
        Vector<double> share = (varianceShare / 2) + Tolerances.Gamma(4);
        Vector<double> r = expected.InverseDeviation;
        Matrix<double> normalized = x.MapIndexed((_, j, value) => (value - expected.Mean[j]) * r[j], Zeros.Include);
        Matrix<double> allowance = normalized.MapIndexed((_, j, value) => (off[j] * r[j]) + (share[j] * Math.Abs(value)), Zeros.Include);
        Tensors.AssertClose(results.Normalized, normalized.Transpose(), Tolerances.Forward, allowance.Transpose());
        Matrix<double> scaled = allowance.MapIndexed((_, j, value) => Math.Abs(gain[j]) * value, Zeros.Include);
        Tensors.AssertClose(results.Y, expected.Y.Transpose(), Tolerances.Forward, scaled.Transpose());
        Tensors.AssertClose(results.InverseDeviation, r, Tolerances.Forward, r.PointwiseMultiply(share));

        double momentum = constants.Momentum;
        Vector<double> measure = constants.Running == RunningStatistic.Variance ? expected.Variance : expected.Variance.PointwiseSqrt();
        Tensors.AssertClose(
            results.RunningMean, ((1 - momentum) * runningMean) + (momentum * expected.Mean), Tolerances.Forward, momentum * off);
        Tensors.AssertClose(
            results.RunningVariance, ((1 - momentum) * runningVariance) + (momentum * measure), Tolerances.Forward,
            momentum * measure.PointwiseMultiply(2 * share));
    }

    Results Forward(
        float[] x, float[] gain, float[] bias, int batch, BatchNormConstants constants, float[] runningMean, float[] runningVariance)
    {
        int features = gain.Length;
        GuardedMatrix values = Activations(x, batch, Padding), y = Activations(Nothing(x.Length), batch, float.NaN), scratch = Scratch();
        GuardedMatrix inverse = Features(Nothing(features)), mean = Features(runningMean), variance = Features(runningVariance);
        var operation = new TileBatchNormForward(
            values.Memory, y.Memory, Features(gain).Memory, Features(bias).Memory, inverse.Memory, mean.Memory, variance.Memory,
            scratch.Memory, constants, features, batch, Padded(batch));
        Run(operation, values, y, inverse, mean, variance, scratch);
        return new Results(values.Read(), y.Read(), inverse.Read(), mean.Read(), variance.Read());
    }

    sealed record Results(float[] Normalized, float[] Y, float[] InverseDeviation, float[] RunningMean, float[] RunningVariance);
}
