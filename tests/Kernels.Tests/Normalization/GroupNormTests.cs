using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class GroupNormTests(TestBench bench) : KernelTests(bench)
{
    const float Epsilon = 1e-5f;

    // N, H, G: one example, one group, groups of one feature, primes, one past a launch group.
    static readonly int[][] Shapes =
        [[1, 1, 1], [1, 7, 1], [1, 65, 5], [2, 6, 6], [3, 14, 7], [32, 200, 1], [32, 200, 4], [33, 27, 9], [5, 257, 1], [7, 514, 2]];

    // Batches so long that slices share them: one past a slice, and slices of more rows than the least.
    static readonly int[][] LongShapes = [[33, 3, 1], [1025, 6, 2], [4097, 1, 1]];

    static readonly Gen<(float[] X, float[] Gain, float[] Bias, float[] Dy, int Groups)> Layers =
        from batch in Gen.Int[1, 20]
        from groups in Gen.Int[1, 5]
        from width in Gen.Int[1, 12]
        from x in Samples.Value.Array[batch * groups * width]
        from gain in Samples.Value.Array[groups * width]
        from bias in Samples.Value.Array[groups * width]
        from dy in Samples.Value.Array[batch * groups * width]
        select (x, gain, bias, dy, groups);

    [TestCaseSource(nameof(Shapes))]
    public void Forward_normalizes_each_group_of_each_example(int batch, int features, int groups) =>
        AssertForward(Samples.Normal(batch * features, seed: 1), Gain(features), Bias(features), groups);

    [Test]
    public void Forward_holds_for_random_values() => ForAll(Layers, layer => AssertForward(layer.X, layer.Gain, layer.Bias, layer.Groups));

    // Without the second pass's correction the mean itself would be off by more than the deviation's digits.
    [Test]
    public void Forward_keeps_a_deviation_that_is_small_beside_the_mean(
        [Values(7, 14, 514)] int features, [Values(1000, -100_000)] double mean) =>
        AssertForward(Samples.Normal(3 * features, seed: 2, mean: mean), Gain(features), Bias(features), groups: 1);

    [TestCase(0.1f)]
    [TestCase(-12345.678f)]
    [TestCase(1e15f)]
    public void Equal_features_become_the_bias(float value)
    {
        float[] x = [.. Enumerable.Repeat(value, 2 * 14)];
        (DeviceArray<float> y, _, DeviceArray<float> inverse) = Forward(x, Gain(14), Bias(14), 2);
        Assert.That(inverse.Read(), Is.All.Positive);
        AssertForward(x, Gain(14), Bias(14), groups: 2);
        Assert.That(y.Read(), Is.All.Matches<float>(float.IsFinite));
    }

    [Test]
    public void An_example_does_not_depend_on_the_others()
    {
        float[] x = Samples.Normal(33 * 20, seed: 3);
        float[] all = Forward(x, Gain(20), Bias(20), 4).Y.Read();
        float[] alone = Forward(x[(32 * 20)..], Gain(20), Bias(20), 4).Y.Read();
        Tensors.AssertSameBits(alone, all[(32 * 20)..]);
    }

    [Test]
    public void Values_that_are_not_finite_spoil_their_own_group_only()
    {
        (int batch, int features, int groups) = (3, 12, 4);
        float[] x = Samples.Normal(batch * features, seed: 4);
        (x[0], x[features + 4], x[(2 * features) + 11]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
        int[] spoiled = [0, groups + 1, (2 * groups) + 3];

        (DeviceArray<float> y, DeviceArray<float> mean, DeviceArray<float> inverse) = Forward(x, Gain(features), Bias(features), groups);
        Assert.That(y.Read().Select(float.IsNaN), Is.EqualTo(x.Select((_, i) => spoiled.Contains(i / 3))));
        Assert.That(inverse.Read().Select(float.IsNaN), Is.EqualTo(Enumerable.Range(0, batch * groups).Select(spoiled.Contains)));

        DeviceArray<float> dx = Output(x.Length);
        Kernels.GroupNorm.Backward(
            Upload(x), mean, inverse, Upload(Gain(features)), Upload(Gradient(x.Length)), batch, features, groups, dx, Output(features),
            Output(features));
        Assert.That(dx.Read().Select(float.IsNaN), Is.EqualTo(x.Select((_, i) => spoiled.Contains(i / 3))));
    }

    [TestCaseSource(nameof(Shapes))]
    [TestCaseSource(nameof(LongShapes))]
    public void Backward_gives_the_gradients_of_the_reference(int batch, int features, int groups) => AssertBackward(
        Samples.Normal(batch * features, seed: 5), Gain(features), Gradient(batch * features), groups, inPlace: false);

    [TestCaseSource(nameof(Shapes))]
    public void Backward_may_replace_the_gradient_that_it_takes(int batch, int features, int groups) => AssertBackward(
        Samples.Normal(batch * features, seed: 6), Gain(features), Gradient(batch * features), groups, inPlace: true);

    [Test]
    public void Backward_holds_for_random_values() =>
        ForAll(Layers, layer => AssertBackward(layer.X, layer.Gain, layer.Dy, layer.Groups, inPlace: false));

    [Test]
    public void The_same_values_give_the_same_bits()
    {
        float[] x = Samples.Normal(100 * 20, seed: 7);
        float[][] first = Backward(x), second = Backward(x);
        for (int i = 0; i < first.Length; i++)
        {
            Tensors.AssertSameBits(second[i], first[i]);
        }

        float[][] Backward(float[] values)
        {
            (DeviceArray<float> y, DeviceArray<float> mean, DeviceArray<float> inverse) = Forward(values, Gain(20), Bias(20), 2);
            DeviceArray<float> dx = Output(values.Length), dGain = Output(20), dBias = Output(20);
            Kernels.GroupNorm.Backward(
                Upload(values), mean, inverse, Upload(Gain(20)), Upload(Gradient(values.Length)), 100, 20, 2, dx, dGain, dBias);
            return [y.Read(), dx.Read(), dGain.Read(), dBias.Read()];
        }
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(4)]
    [TestCase(12)]
    public void Groups_that_do_not_divide_the_features_are_refused(int groups)
    {
        ArrayView<float> x = Output(6);
        GroupNorm norm = Kernels.GroupNorm;
        AssertOutOfRange("groups", () => norm.Forward(x, x, x, Epsilon, 1, 6, groups, x, x, x));
        AssertOutOfRange("groups", () => norm.Backward(x, x, x, x, x, 1, 6, groups, x, x, x));
    }

    [Test]
    public void No_examples_are_refused()
    {
        ArrayView<float> x = Output(6);
        GroupNorm norm = Kernels.GroupNorm;
        AssertOutOfRange("batch", () => norm.Forward(x, x, x, Epsilon, 0, 6, 1, x, x, x));
        AssertOutOfRange("batch", () => norm.Backward(x, x, x, x, x, 0, 6, 1, x, x, x));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> x = Output(12), h = Output(4), g = Output(6), wrong = Output(5);
        GroupNorm norm = Kernels.GroupNorm;
        AssertRejects("x", () => norm.Forward(wrong, h, h, Epsilon, 3, 4, 2, x, g, g));
        AssertRejects("gain", () => norm.Forward(x, wrong, h, Epsilon, 3, 4, 2, x, g, g));
        AssertRejects("bias", () => norm.Forward(x, h, wrong, Epsilon, 3, 4, 2, x, g, g));
        AssertRejects("y", () => norm.Forward(x, h, h, Epsilon, 3, 4, 2, wrong, g, g));
        AssertRejects("mean", () => norm.Forward(x, h, h, Epsilon, 3, 4, 2, x, wrong, g));
        AssertRejects("inverseDeviation", () => norm.Forward(x, h, h, Epsilon, 3, 4, 2, x, g, wrong));

        AssertRejects("x", () => norm.Backward(wrong, g, g, h, x, 3, 4, 2, x, h, h));
        AssertRejects("mean", () => norm.Backward(x, wrong, g, h, x, 3, 4, 2, x, h, h));
        AssertRejects("inverseDeviation", () => norm.Backward(x, g, wrong, h, x, 3, 4, 2, x, h, h));
        AssertRejects("gain", () => norm.Backward(x, g, g, wrong, x, 3, 4, 2, x, h, h));
        AssertRejects("dy", () => norm.Backward(x, g, g, h, wrong, 3, 4, 2, x, h, h));
        AssertRejects("dx", () => norm.Backward(x, g, g, h, x, 3, 4, 2, wrong, h, h));
        AssertRejects("dGain", () => norm.Backward(x, g, g, h, x, 3, 4, 2, x, wrong, h));
        AssertRejects("dBias", () => norm.Backward(x, g, g, h, x, 3, 4, 2, x, h, wrong));
    }

    // Biases and gains away from 0 and 1, so that neither can hide an error.
    static float[] Gain(int features) => Samples.Normal(features, seed: 12, mean: 1, deviation: 0.3);

    static float[] Bias(int features) => Samples.Normal(features, seed: 13, mean: 0.2, deviation: 0.5);

    static float[] Gradient(int count) => Samples.Normal(count, seed: 8);

    (DeviceArray<float> Y, DeviceArray<float> Mean, DeviceArray<float> InverseDeviation) Forward(
        float[] x, float[] gain, float[] bias, int groups)
    {
        int batch = x.Length / gain.Length;
        DeviceArray<float> y = Output(x.Length), mean = Output(batch * groups), inverse = Output(batch * groups);
        Kernels.GroupNorm.Forward(Upload(x), Upload(gain), Upload(bias), Epsilon, batch, gain.Length, groups, y, mean, inverse);
        return (y, mean, inverse);
    }

    void AssertForward(float[] x, float[] gain, float[] bias, int groups)
    {
        Matrix<double> matrix = x.ToMatrix(gain.Length);
        GroupNormResult expected = ReferenceOperations.GroupNorm(matrix, gain.ToVector(), bias.ToVector(), Epsilon, groups);
        var allowance = GroupNormRounding.OfForward(matrix, gain.ToVector(), expected, Epsilon);
        (DeviceArray<float> y, DeviceArray<float> mean, DeviceArray<float> inverse) = Forward(x, gain, bias, groups);
        Tensors.AssertClose(y.Read(), expected.Y, Tolerances.Forward, allowance.Y);
        Tensors.AssertClose(mean.Read(), expected.Mean, Tolerances.Forward, allowance.Mean);
        Tensors.AssertClose(inverse.Read(), expected.InverseDeviation, Tolerances.Forward, allowance.InverseDeviation);
    }

    void AssertBackward(float[] x, float[] gain, float[] dy, int groups, bool inPlace)
    {
        int features = gain.Length;
        int batch = x.Length / features;
        Matrix<double> matrix = x.ToMatrix(features), gradient = dy.ToMatrix(features);
        Vector<double> scale = gain.ToVector();

        // The statistics that the kernel gets are those that the reference gets, in single precision.
        GroupNormResult exact = ReferenceOperations.GroupNorm(matrix, scale, scale, Epsilon, groups);
        (float[] mean, float[] inverse) = (exact.Mean.ToFloats(), exact.InverseDeviation.ToFloats());
        GroupNormResult forward = exact with { Mean = mean.ToMatrix(groups), InverseDeviation = inverse.ToMatrix(groups) };

        DeviceArray<float> from = Upload(dy), dGain = Output(features), dBias = Output(features);
        DeviceArray<float> dx = inPlace ? from : Output(x.Length);
        Kernels.GroupNorm.Backward(Upload(x), Upload(mean), Upload(inverse), Upload(gain), from, batch, features, groups, dx, dGain, dBias);

        var expected = ReferenceOperations.GroupNormBackward(matrix, forward, scale, gradient);
        var allowance = GroupNormRounding.OfBackward(matrix, forward, scale, gradient);
        Tensors.AssertClose(dx.Read(), expected.Dx, Tolerances.Gradient, allowance.Dx);
        Tensors.AssertClose(dGain.Read(), expected.DGain, Tolerances.Gradient, allowance.DGain);
        Tensors.AssertClose(dBias.Read(), expected.DBias, Tolerances.Gradient, allowance.DBias);
    }
}
