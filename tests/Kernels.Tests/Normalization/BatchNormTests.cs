using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class BatchNormTests(TestBench bench) : KernelTests(bench)
{
    // N, H
    static readonly int[][] Shapes = [[2, 1], [2, 65], [3, 7], [32, 200], [33, 36], [65, 17], [129, 3]];

    // Columns so long that groups share them.
    static readonly int[][] LongShapes = [[257, 200], [1025, 33], [4097, 1], [4097, 4]];

    static readonly Gen<(float[] X, float[] Gain, float[] Bias, float[] Dy)> Layers =
        from batch in Gen.Int[2, 40]
        from features in Gen.Int[1, 20]
        from x in Samples.Value.Array[batch * features]
        from gain in Samples.Value.Array[features]
        from bias in Samples.Value.Array[features]
        from dy in Samples.Value.Array[batch * features]
        select (x, gain, bias, dy);

    [Test]
    public void Forward_normalizes_by_the_batch_and_updates_the_running_statistics(
        [ValueSource(nameof(Shapes))] int[] shape,
        [ValueSource(typeof(BatchNormForms), nameof(BatchNormForms.All))] BatchNormConstants constants)
    {
        (int batch, int features) = (shape[0], shape[1]);
        AssertForward(Samples.Normal(batch * features, seed: 1), Gain(features), Bias(features), constants);
    }

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.WithEpsilon))]
    public void Forward_holds_for_random_values(BatchNormConstants constants) =>
        ForAll(Layers, layer => AssertForward(layer.X, layer.Gain, layer.Bias, constants));

    // The difference of two large sums would lose all digits of the variance here, 1e6 ± 1.
    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.All))]
    public void Forward_keeps_a_deviation_that_is_small_beside_the_mean(BatchNormConstants constants) =>
        AssertForward(Samples.Normal(33 * 7, seed: 2, mean: 1000), Gain(7), Bias(7), constants);

    // The differences that a GPU's chunk of rows adds up are as large as its first value then, and a chunk holds 16 rows at most.
    [Test]
    public void Forward_keeps_its_digits_where_the_first_value_lies_apart(
        [Values(2, 15, 16, 17, 129)] int batch, [Values(3, 4)] int features)
    {
        float[] x = Samples.Normal(batch * features, seed: 21);
        x.AsSpan(0, features).Fill(31f);
        AssertForward(x, Gain(features), Bias(features), BatchNormForms.Plain);
    }

    [Test]
    public void Forward_without_momentum_leaves_the_running_statistics_whatever_the_batch()
    {
        DeviceArray<float> runningMean = Upload(-0f, 2f, 3f), runningVariance = Upload(1f, 2f, 0.1f);
        float[] x = [1f, float.NaN, float.PositiveInfinity, 2f, 3f, 1f];
        Kernels.BatchNorm.Forward(
            Upload(x), Upload(Gain(3)), Upload(Bias(3)), BatchNormForms.Plain with { Momentum = 0f }, 2, 3, Output(6), Output(3), Output(3),
            runningMean, runningVariance);
        Tensors.AssertSameBits(runningMean.Read(), [-0f, 2f, 3f]);
        Tensors.AssertSameBits(runningVariance.Read(), [1f, 2f, 0.1f]);
    }

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.All))]
    public void ForwardFixed_normalizes_by_given_statistics(BatchNormConstants constants)
    {
        (int batch, int features) = (33, 17);
        float[] x = Samples.Normal(batch * features, seed: 3);
        float[] mean = Samples.Normal(features, seed: 4);
        float[] measure = Array.ConvertAll(Samples.Normal(features, seed: 5), value => (value * value) + 0.1f);
        DeviceArray<float> y = Output(x.Length);

        Kernels.BatchNorm.ForwardFixed(
            Upload(x), Upload(Gain(features)), Upload(Bias(features)), Upload(mean), Upload(measure), constants, batch, features, y);

        Matrix<double> expected = ReferenceOperations.BatchNormFixed(
            x.ToMatrix(features), Gain(features).ToVector(), Bias(features).ToVector(), mean.ToVector(),
            ReferenceOperations.DeviationOfStored(measure.ToVector(), constants));
        Tensors.AssertClose(y.Read(), expected, Tolerances.Forward);
    }

    // 1e-4 is stored: of the variance the deviation is 0.01.
    [TestCase(1e-4f, RunningStatistic.Variance, EpsilonTarget.Variance, 0.014142135623731)]
    [TestCase(0f, RunningStatistic.Variance, EpsilonTarget.Variance, 0.01)]
    [TestCase(0f, RunningStatistic.StandardDeviation, EpsilonTarget.Variance, 1e-4)]
    [TestCase(1e-8f, RunningStatistic.StandardDeviation, EpsilonTarget.Variance, 1.4142135623731e-4)]
    [TestCase(0.01f, RunningStatistic.Variance, EpsilonTarget.Deviation, 0.02)]
    [TestCase(1e-4f, RunningStatistic.StandardDeviation, EpsilonTarget.Deviation, 2e-4)]
    public void ForwardFixed_takes_a_single_example_and_divides_as_training_does(
        float epsilon, RunningStatistic running, EpsilonTarget target, double deviation)
    {
        DeviceArray<float> y = Output(1);
        Kernels.BatchNorm.ForwardFixed(
            Upload(3f), Upload(1f), Upload(0f), Upload(1f), Upload(1e-4f), new(epsilon, 0f, running, EpsilonOn: target), 1, 1, y);
        Tensors.AssertClose(y.Read(), Vector<double>.Build.Dense(1, 2 / deviation), Tolerances.Forward);
    }

    [TestCaseSource(nameof(Shapes))]
    public void Backward_gives_the_gradients_of_the_reference(int batch, int features) => Array.ForEach(
        BatchNormForms.All, constants => AssertBackward(
            Samples.Normal(batch * features, seed: 6), Gain(features), Gradient(batch, features), constants, inPlace: false));

    [TestCaseSource(nameof(Shapes))]
    public void Backward_may_replace_the_gradient_that_it_takes(int batch, int features) =>
        AssertBackward(
            Samples.Normal(batch * features, seed: 7), Gain(features), Gradient(batch, features), BatchNormForms.Plain, inPlace: true);

    [TestCaseSource(typeof(BatchNormForms), nameof(BatchNormForms.WithEpsilon))]
    public void Backward_holds_for_random_values(BatchNormConstants constants) =>
        ForAll(Layers, layer => AssertBackward(layer.X, layer.Gain, layer.Dy, constants, inPlace: false));

    // 1 - ε·r is 0 there.
    [Test]
    public void A_feature_that_does_not_vary_has_gradients_where_epsilon_is_on_the_deviation()
    {
        var constants = new BatchNormConstants(1e-3f, 0f, RunningStatistic.Variance, EpsilonOn: EpsilonTarget.Deviation);
        AssertBackward([.. Enumerable.Repeat(2.5f, 33)], Gain(1), Gradient(33, 1), constants, inPlace: false);
    }

    [TestCaseSource(nameof(Shapes))]
    public void Moments_are_the_mean_and_the_sum_of_squared_differences(int batch, int features) =>
        AssertMoments(Samples.Normal(batch * features, seed: 10), features);

    [Test]
    public void Moments_keep_a_deviation_that_is_small_beside_the_mean() => AssertMoments(Samples.Normal(33 * 7, seed: 11, mean: -1000), 7);

    // Without an allowance: rounding must not add up along a column.
    [Test]
    public void Long_columns_keep_their_digits([ValueSource(nameof(LongShapes))] int[] shape, [Values(0, 1000)] double mean)
    {
        (int batch, int features) = (shape[0], shape[1]);
        float[] x = Samples.Normal(batch * features, seed: 14, mean);
        BatchNormResult expected = ReferenceOperations.BatchNorm(
            x.ToMatrix(features), Gain(features).ToVector(), Bias(features).ToVector(), BatchNormForms.Plain);
        DeviceArray<float> input = Upload(x), y = Output(x.Length), center = Output(features), scale = Output(features);

        Kernels.BatchNorm.Moments(input, batch, features, center, scale);
        Tensors.AssertClose(center.Read(), expected.Mean, Tolerances.Forward);
        Tensors.AssertClose(scale.Read(), expected.Variance * (batch - 1), Tolerances.Forward);

        Kernels.BatchNorm.Forward(
            input, Upload(Gain(features)), Upload(Bias(features)), BatchNormForms.Plain, batch, features, y, center, scale,
            Upload(new float[features]), Upload(new float[features]));
        Tensors.AssertClose(center.Read(), expected.Mean, Tolerances.Forward);
        Tensors.AssertClose(scale.Read(), expected.InverseDeviation, Tolerances.Forward);

        // What is off in the mean moves all values of its column.
        Matrix<double> allowance = Matrix<double>.Build.Dense(
            batch, features, (_, j) => Gain(features)[j] * expected.InverseDeviation[j] * Tolerances.Forward.Relative * mean);
        Tensors.AssertClose(y.Read(), expected.Y, Tolerances.Forward, allowance);
    }

    // Integers add up exactly in any order: not a row may be missing, and none counted twice.
    [TestCaseSource(nameof(LongShapes))]
    public void Backward_adds_up_each_row_of_a_long_column_once(int batch, int features)
    {
        float[] x = Array.ConvertAll(Samples.Integers(batch * features, below: 9, seed: 15), value => (float)value);
        float[] dy = Array.ConvertAll(Samples.Integers(batch * features, below: 9, seed: 16), value => value - 4f);
        DeviceArray<float> dx = Output(x.Length), dGain = Output(features), dBias = Output(features);
        Kernels.BatchNorm.Backward(
            Upload(x), Upload(new float[features]), Upload([.. Enumerable.Repeat(1f, features)]), Upload(Gain(features)),
            BatchNormForms.Plain, Upload(dy), batch, features, dx, dGain, dBias);
        Tensors.AssertClose(dGain.Read(), x.ToMatrix(features).PointwiseMultiply(dy.ToMatrix(features)).ColumnSums(), Tolerances.Exact);
        Tensors.AssertClose(dBias.Read(), dy.ToMatrix(features).ColumnSums(), Tolerances.Exact);
    }

    [TestCaseSource(nameof(LongShapes))]
    public void Backward_gives_the_gradients_of_long_columns(int batch, int features) =>
        AssertBackward(
            Samples.Normal(batch * features, seed: 17), Gain(features), Gradient(batch, features), BatchNormForms.Plain, inPlace: true);

    // Even one that no square in single precision can hold.
    [TestCase(0.1f)]
    [TestCase(1e20f)]
    public void Moments_of_a_constant_are_the_constant_and_zero(float constant)
    {
        DeviceArray<float> mean = Output(4), squares = Output(4);
        Kernels.BatchNorm.Moments(Upload([.. Enumerable.Repeat(constant, 257 * 4)]), 257, 4, mean, squares);
        Tensors.AssertClose(mean.Read(), Vector<double>.Build.Dense(4, constant), Tolerances.Forward);
        Assert.That(squares.Read(), Is.All.LessThanOrEqualTo(1e-10f * constant * constant));
    }

    // The worst for sums that are counted from the first value.
    [Test]
    public void Moments_keep_their_digits_where_the_first_value_lies_apart()
    {
        float[] x = Samples.Normal(257 * 4, seed: 18, deviation: 1e-3);
        x.AsSpan(0, 4).Fill(1f);
        AssertMoments(x, 4);
    }

    [Test]
    public void Values_that_are_not_finite_spoil_their_own_column_only()
    {
        (int batch, int features) = (257, 8);
        float[] x = Samples.Normal(batch * features, seed: 19);
        (x[100 * features], x[1], x[(200 * features) + 2]) = (float.NaN, float.PositiveInfinity, float.NegativeInfinity);
        DeviceArray<float> y = Output(x.Length), mean = Output(features), inverse = Output(features);
        Kernels.BatchNorm.Forward(
            Upload(x), Upload(Gain(features)), Upload(Bias(features)), BatchNormForms.Plain, batch, features, y, mean, inverse,
            Output(features), Output(features));
        Assert.That(inverse.Read()[..3], Is.All.NaN);
        Assert.That(mean.Read().Select(float.IsFinite), Is.EqualTo(Enumerable.Range(0, features).Select(feature => feature > 2)));
        Assert.That(y.Read().Select(float.IsFinite), Is.EqualTo(Enumerable.Range(0, x.Length).Select(i => i % features > 2)));
    }

    // Its mean is exactly the value, though the sum of 33 such values is rounded.
    [TestCase(0.1f)]
    [TestCase(-1234.567f)]
    [TestCase(1e30f)]
    public void Equal_values_become_the_bias(float value)
    {
        DeviceArray<float> y = Output(33 * 4), variance = Upload(1f, 1f, 1f, 1f);
        Kernels.BatchNorm.Forward(
            Upload([.. Enumerable.Repeat(value, 33 * 4)]), Upload(Gain(4)), Upload(Bias(4)), BatchNormForms.Plain with { Momentum = 1f },
            33, 4, y, Output(4), Output(4), Upload(1f, 1f, 1f, 1f), variance);
        Assert.That(y.Read(), Is.EqualTo(Enumerable.Range(0, 33 * 4).Select(i => Bias(4)[i % 4])));
        Assert.That(variance.Read(), Is.All.Zero);
    }

    [TestCase(1e14, true)]
    [TestCase(1e16, false)]
    [TestCase(1e20, false)]
    [TestCase(1e37, false)]
    public void A_deviation_whose_square_may_overflow_gives_NaN(double deviation, bool isNormalized)
    {
        DeviceArray<float> y = Output(33 * 4), inverse = Output(4);
        Kernels.BatchNorm.Forward(
            Upload(Samples.Normal(33 * 4, seed: 22, deviation: deviation)), Upload(Gain(4)), Upload(Bias(4)), BatchNormForms.Plain, 33, 4,
            y, Output(4), inverse, Output(4), Output(4));
        Assert.That(inverse.Read(), isNormalized ? Is.All.EqualTo(1 / deviation).Within(50).Percent : Is.All.NaN);
        Assert.That(y.Read(), isNormalized ? Is.All.InRange(-10, 10) : Is.All.NaN);
    }

    // Views into a larger buffer need not begin at a whole float4.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4)]
    public void Views_may_begin_anywhere(int start)
    {
        (int batch, int features) = (33, 8);
        float[] x = Samples.Normal(batch * features, seed: 20);
        DeviceArray<float> buffer = Upload([.. new float[start], .. x]), mean = Output(features), squares = Output(features);
        Kernels.BatchNorm.Moments(buffer.View.SubView(start, x.Length), batch, features, mean, squares);
        Tensors.AssertClose(mean.Read(), x.ToMatrix(features).ColumnSums() / batch, Tolerances.Forward);
    }

    [Test]
    public void Moments_of_one_example_are_itself()
    {
        DeviceArray<float> mean = Output(3), squares = Output(3);
        Kernels.BatchNorm.Moments(Upload(1f, -2f, 3f), 1, 3, mean, squares);
        Assert.That(mean.Read(), Is.EqualTo([1f, -2f, 3f]));
        Assert.That(squares.Read(), Is.All.Zero);
    }

    [Test]
    public void A_batch_of_one_is_refused()
    {
        ArrayView<float> one = Output(1);
        BatchNorm norm = Kernels.BatchNorm;
        AssertOutOfRange("batch", () => norm.Forward(one, one, one, default, 1, 1, one, one, one, one, one));
        AssertOutOfRange("batch", () => norm.Backward(one, one, one, one, default, one, 1, 1, one, one, one));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> x = Output(6), h = Output(2), wrong = Output(5);
        BatchNorm norm = Kernels.BatchNorm;
        AssertRejects("x", () => norm.Forward(wrong, h, h, default, 3, 2, x, h, h, h, h));
        AssertRejects("gain", () => norm.Forward(x, wrong, h, default, 3, 2, x, h, h, h, h));
        AssertRejects("bias", () => norm.Forward(x, h, wrong, default, 3, 2, x, h, h, h, h));
        AssertRejects("y", () => norm.Forward(x, h, h, default, 3, 2, wrong, h, h, h, h));
        AssertRejects("mean", () => norm.Forward(x, h, h, default, 3, 2, x, wrong, h, h, h));
        AssertRejects("inverseDeviation", () => norm.Forward(x, h, h, default, 3, 2, x, h, wrong, h, h));
        AssertRejects("runningMean", () => norm.Forward(x, h, h, default, 3, 2, x, h, h, wrong, h));
        AssertRejects("runningVariance", () => norm.Forward(x, h, h, default, 3, 2, x, h, h, h, wrong));

        AssertRejects("x", () => norm.ForwardFixed(wrong, h, h, h, h, default, 3, 2, x));
        AssertRejects("gain", () => norm.ForwardFixed(x, wrong, h, h, h, default, 3, 2, x));
        AssertRejects("bias", () => norm.ForwardFixed(x, h, wrong, h, h, default, 3, 2, x));
        AssertRejects("mean", () => norm.ForwardFixed(x, h, h, wrong, h, default, 3, 2, x));
        AssertRejects("variance", () => norm.ForwardFixed(x, h, h, h, wrong, default, 3, 2, x));
        AssertRejects("y", () => norm.ForwardFixed(x, h, h, h, h, default, 3, 2, wrong));

        AssertRejects("x", () => norm.Backward(wrong, h, h, h, default, x, 3, 2, x, h, h));
        AssertRejects("mean", () => norm.Backward(x, wrong, h, h, default, x, 3, 2, x, h, h));
        AssertRejects("inverseDeviation", () => norm.Backward(x, h, wrong, h, default, x, 3, 2, x, h, h));
        AssertRejects("gain", () => norm.Backward(x, h, h, wrong, default, x, 3, 2, x, h, h));
        AssertRejects("dy", () => norm.Backward(x, h, h, h, default, wrong, 3, 2, x, h, h));
        AssertRejects("dx", () => norm.Backward(x, h, h, h, default, x, 3, 2, wrong, h, h));
        AssertRejects("dGain", () => norm.Backward(x, h, h, h, default, x, 3, 2, x, wrong, h));
        AssertRejects("dBias", () => norm.Backward(x, h, h, h, default, x, 3, 2, x, h, wrong));

        AssertRejects("x", () => norm.Moments(wrong, 3, 2, h, h));
        AssertRejects("mean", () => norm.Moments(x, 3, 2, wrong, h));
        AssertRejects("squares", () => norm.Moments(x, 3, 2, h, wrong));
    }

    // Biases and gains away from 0 and 1, so that neither can hide an error.
    static float[] Gain(int features) => Samples.Normal(features, seed: 12, mean: 1, deviation: 0.3);

    static float[] Bias(int features) => Samples.Normal(features, seed: 13, mean: 0.2, deviation: 0.5);

    static float[] Gradient(int batch, int features) => Samples.Normal(batch * features, seed: 8, deviation: 1.0 / batch);

    // Two steps, the second with values of another mean and variance.
    void AssertForward(float[] x, float[] gain, float[] bias, BatchNormConstants constants)
    {
        int features = gain.Length;
        int batch = x.Length / features;
        DeviceArray<float> runningMean = Upload(new float[features]), runningVariance = Upload([.. Enumerable.Repeat(1f, features)]);
        Vector<double> expectedMean = Vector<double>.Build.Dense(features);
        Vector<double> expectedVariance = Vector<double>.Build.Dense(features, 1);
        foreach (float[] values in new[] { x, Array.ConvertAll(x, value => 0.5f - (2f * value)) })
        {
            DeviceArray<float> y = Output(x.Length), mean = Output(features), inverse = Output(features);
            Kernels.BatchNorm.Forward(
                Upload(values), Upload(gain), Upload(bias), constants, batch, features, y, mean, inverse, runningMean, runningVariance);

            Matrix<double> matrix = values.ToMatrix(features);
            BatchNormResult expected = ReferenceOperations.BatchNorm(matrix, gain.ToVector(), bias.ToVector(), constants);
            var (off, offVariance, share) = BatchNormRounding.OfStatistics(matrix, expected, constants, Bench.Shape);
            Vector<double> r = expected.InverseDeviation;
            Matrix<double> allowance = matrix.MapIndexed(
                (_, j, value) => Math.Abs(gain[j]) * r[j] * (off[j] + (share[j] * Math.Abs(value - expected.Mean[j]))), Zeros.Include);
            Tensors.AssertClose(y.Read(), expected.Y, Tolerances.Forward, allowance);
            Tensors.AssertClose(mean.Read(), expected.Mean, Tolerances.Forward, off);
            Tensors.AssertClose(inverse.Read(), r, Tolerances.Forward, r.PointwiseMultiply(share));

            // A running value holds at most two batches.
            double momentum = constants.Momentum;
            Vector<double> measure = constants.Running == RunningStatistic.Variance ? expected.Variance : expected.Variance.PointwiseSqrt();
            expectedMean = ((1 - momentum) * expectedMean) + (momentum * expected.Mean);
            expectedVariance = ((1 - momentum) * expectedVariance) + (momentum * measure);
            Tensors.AssertClose(runningMean.Read(), expectedMean, Tolerances.Forward, 2 * momentum * off);
            Tensors.AssertClose(
                runningVariance.Read(), expectedVariance, Tolerances.Forward,
                2 * momentum * BatchNormRounding.OfStored(expected, offVariance, constants));
        }
    }

    void AssertBackward(float[] x, float[] gain, float[] dy, BatchNormConstants constants, bool inPlace)
    {
        int features = gain.Length;
        int batch = x.Length / features;
        Matrix<double> matrix = x.ToMatrix(features), gradient = dy.ToMatrix(features);
        Vector<double> scale = gain.ToVector();

        // The statistics that the kernel gets are those that the reference gets, in single precision.
        BatchNormResult exact = ReferenceOperations.BatchNorm(matrix, scale, scale, constants);
        (float[] mean, float[] inverse) = (exact.Mean.ToFloats(), exact.InverseDeviation.ToFloats());
        BatchNormResult forward = exact with { Mean = mean.ToVector(), InverseDeviation = inverse.ToVector() };

        DeviceArray<float> from = Upload(dy), dGain = Output(features), dBias = Output(features);
        DeviceArray<float> dx = inPlace ? from : Output(x.Length);
        Kernels.BatchNorm.Backward(
            Upload(x), Upload(mean), Upload(inverse), Upload(gain), constants, from, batch, features, dx, dGain, dBias);

        var expected = ReferenceOperations.BatchNormBackward(matrix, forward, scale, constants, gradient);
        var allowance = BatchNormRounding.OfGradients(matrix, forward, scale, constants, gradient);
        Tensors.AssertClose(dx.Read(), expected.Dx, Tolerances.Gradient, allowance.Dx);
        Tensors.AssertClose(dGain.Read(), expected.DGain, Tolerances.Gradient, allowance.DGain);
        Tensors.AssertClose(dBias.Read(), expected.DBias, Tolerances.Gradient, allowance.DBias);
    }

    void AssertMoments(float[] x, int features)
    {
        int batch = x.Length / features;
        DeviceArray<float> mean = Output(features), squares = Output(features);
        Kernels.BatchNorm.Moments(Upload(x), batch, features, mean, squares);
        Vector<double> ones = Vector<double>.Build.Dense(features, 1);
        BatchNormResult expected = ReferenceOperations.BatchNorm(x.ToMatrix(features), ones, ones, BatchNormForms.Plain);
        Vector<double> expectedSquares = expected.Variance * (batch - 1);
        var (off, offVariance, _) = BatchNormRounding.OfStatistics(x.ToMatrix(features), expected, BatchNormForms.Plain, Bench.Shape);
        Tensors.AssertClose(mean.Read(), expected.Mean, Tolerances.Forward, off);
        Tensors.AssertClose(squares.Read(), expectedSquares, Tolerances.Forward, offVariance * (batch - 1));
    }
}
