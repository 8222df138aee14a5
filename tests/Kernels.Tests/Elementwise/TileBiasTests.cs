using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class TileBiasTests(TileBody body) : TileTests(body)
{
    const float LearningRate = 0.3f;

    [TestCaseSource(nameof(BatchSizes))]
    public void Forward_is_one_addition_for_every_example(int batch) => Array.ForEach(FeatureCounts, features =>
    {
        (float[] z, float[] bias) = (Samples.Normal(features * batch, seed: 1), Samples.Normal(features, seed: 2));
        GuardedMatrix target = Activations(z, batch, padding: 0f);
        Run(new TileBiasForward(Features(bias).Memory, target.Memory, features, Padded(batch), Padded(batch)), target);
        float[] expected = [.. Enumerable.Range(0, z.Length).Select(i => z[i] + bias[i / batch])];
        Tensors.AssertSameBits(target.Read(), expected);
    });

    [TestCaseSource(nameof(BatchSizes))]
    public void Update_applies_the_sum_of_its_gradients_to_each_bias(int batch) => Array.ForEach(FeatureCounts, features =>
        AssertUpdate(Samples.Normal(features * batch, seed: 3, mean: 0.1), Samples.Normal(features, seed: 4), batch));

    [Test]
    public void Update_keeps_NaN_and_infinity_in_their_feature()
    {
        float[] dz = Samples.Normal(17 * 33, seed: 5);
        (dz[33 + 32], dz[16 * 33]) = (float.NaN, float.NegativeInfinity);
        AssertUpdate(dz, Samples.Normal(17, seed: 6), 33);
    }

    [Test]
    public void Update_leaves_the_part_of_a_bias_that_weight_decay_leaves() =>
        AssertUpdate(Samples.Normal(17 * 33, seed: 3), Samples.Normal(17, seed: 4), 33, decay: 0.75f);

    void AssertUpdate(float[] dz, float[] bias, int batch, float decay = 1f)
    {
        GuardedMatrix source = Activations(dz, batch, padding: 0f), target = Features(bias), scratch = Scratch();
        Run(
            new TileBiasUpdate(source.Memory, target.Memory, LearningRate, decay, bias.Length, Padded(batch), scratch.Memory),
            target, scratch);

        Matrix<double> gradients = dz.ToMatrix(batch).Transpose();
        Vector<double> start = decay * bias.ToVector();
        Vector<double> terms = start.PointwiseAbs() + (LearningRate * ReferenceOperations.ColumnSums(gradients.PointwiseAbs()));
        Vector<double> expected = start - (LearningRate * ReferenceOperations.ColumnSums(gradients));
        Tensors.AssertClose(target.Read(), expected, Tolerances.Rounding, Tolerances.Gamma(batch + 2) * terms);
    }
}
