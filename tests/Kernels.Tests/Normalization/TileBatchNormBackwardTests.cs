using CsCheck;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class TileBatchNormBackwardTests(TileBody body) : TileTests(body)
{
    const float LearningRate = 0.7f;
    const float GainDecay = 0.75f;
    const float BiasDecay = 0.5f;

    static readonly Gen<(int Batch, float[] Normalized, float[] Gain, float[] DY)> Layers =
        from batch in Gen.Int[2, 40]
        from features in Gen.Int[1, 20]
        from normalized in Samples.Value.Array[batch * features]
        from gain in Samples.Value.Array[features]
        from dy in Samples.Value.Array[batch * features]
        select (batch, normalized, gain, dy);

    [TestCaseSource(nameof(BatchSizes))]
    public void It_gives_the_gradients_of_the_reference_for_every_shape(int batch) =>
        Array.ForEach(FeatureCounts, features => AssertBackward(
        Samples.Normal(features * batch, seed: 1), Samples.Normal(features, seed: 2, mean: 1, deviation: 0.3),
        Samples.Normal(features * batch, seed: 3, mean: 0.1, deviation: 1.0 / batch), batch, BatchNormForms.Plain));

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.All))]
    public void It_holds_for_random_values(BatchNormConstants constants) =>
        ForAll(Layers, layer => AssertBackward(layer.Normalized, layer.Gain, layer.DY, layer.Batch, constants));

    [Test]
    public void NaN_stays_in_its_feature()
    {
        float[] dy = Samples.Normal(17 * 33, seed: 4);
        (dy[33 + 32], dy[16 * 33]) = (float.NaN, float.NaN);
        AssertBackward(Samples.Normal(17 * 33, seed: 5), Samples.Normal(17, seed: 6), dy, 33, BatchNormForms.Plain);
    }

    void AssertBackward(float[] normalized, float[] gain, float[] dy, int batch, BatchNormConstants constants)
    {
        int features = gain.Length;
        float[] inverse = Array.ConvertAll(Samples.Normal(features, seed: 7), value => 0.5f + (value * value));
        float[] bias = Samples.Normal(features, seed: 8);
        GuardedMatrix gradient = Activations(dy, batch, padding: 0f), gains = Features(gain), biases = Features(bias), scratch = Scratch();
        var operation = new TileBatchNormBackward(
            Activations(normalized, batch, padding: 1e4f).Memory, Features(inverse).Memory, gradient.Memory, gains.Memory, biases.Memory,
            scratch.Memory, constants, LearningRate, GainDecay, BiasDecay, features, batch, Padded(batch));
        Run(operation, gradient, gains, biases, scratch);

        // Values of which the given ones are the normalized ones.
        Matrix<double> x = normalized.ToMatrix(batch).Transpose().MapIndexed((_, j, value) => value / inverse[j], Zeros.Include);
        Matrix<double> dyMatrix = dy.ToMatrix(batch).Transpose();
        Vector<double> scale = gain.ToVector();
        Vector<double> variance = inverse.ToVector().Map(
            r => constants.EpsilonOn == EpsilonTarget.Variance
                ? (1 / (r * r)) - constants.Epsilon
                : Math.Pow((1 / r) - constants.Epsilon, 2));
        var forward = new BatchNormResult(x, Mean: Vector<double>.Build.Dense(features), variance, inverse.ToVector());
        var expected = ReferenceOperations.BatchNormBackward(x, forward, scale, constants, dyMatrix);
        var allowance = BatchNormRounding.OfGradients(x, forward, scale, constants, dyMatrix);

        string shape = $"[{features}, {batch}]";
        Tensors.AssertClose(
            gradient.Read(), expected.Dx.Transpose(), Tolerances.Gradient, allowance.Dx.Transpose(), $"dx {shape}");
        // Nothing times NaN is NaN: a feature that holds one gives it to its padding, too.
        Vector<double> DY(int paddingPlace) => dyMatrix.Column(paddingPlace / (Padded(batch) - batch));
        Assert.That(gradient.ReadPadding().Where((_, i) => !DY(i).Exists(double.IsNaN)), Is.All.Zero, $"the padding of dx {shape}");
        AssertMoved(gains.Read(), GainDecay * scale, expected.DGain, allowance.DGain);
        AssertMoved(biases.Read(), BiasDecay * bias.ToVector(), expected.DBias, allowance.DBias);
    }

    // The step is rounded twice on its way.
    static void AssertMoved(float[] actual, Vector<double> start, Vector<double> gradient, Vector<double> allowance) => Tensors.AssertClose(
        actual, start - (LearningRate * gradient), Tolerances.Rounding,
        (LearningRate * allowance) + (Tolerances.Gamma(2) * (start.PointwiseAbs() + (LearningRate * gradient.PointwiseAbs()))));
}
