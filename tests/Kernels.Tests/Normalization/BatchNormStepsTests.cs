using ILGPU;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

sealed class BatchNormStepsTests(TestBench bench) : KernelTests(bench)
{
    // N, H
    static readonly int[][] Shapes = [[2, 1], [5, 7], [32, 64], [65, 17]];

    static readonly float[] Epsilons = [0f, 1e-5f];

    [Test]
    public void Forward_leaves_every_intermediate([ValueSource(nameof(Shapes))] int[] shape, [ValueSource(nameof(Epsilons))] float epsilon)
    {
        Run run = Start(shape[0], shape[1], epsilon);
        BatchNormResult expected = ReferenceOperations.BatchNorm(run.X, run.Gain, run.Bias, Constants(epsilon));
        Matrix<double> difference = Difference(run.X, expected);

        Tensors.AssertClose(run.Values.Mean.Read(), expected.Mean, Tolerances.Forward);
        Tensors.AssertClose(run.Values.Difference.Read(), difference, Tolerances.Forward);
        Tensors.AssertClose(run.Values.Squares.Read(), difference.PointwisePower(2), Tolerances.Forward);
        Tensors.AssertClose(run.Values.Variance.Read(), expected.Variance, Tolerances.Forward);
        Tensors.AssertClose(run.Values.VarianceInverse.Read(), expected.InverseDeviation, Tolerances.Forward);
        Tensors.AssertClose(run.Values.Raw.Read(), ScaleColumns(difference, expected.InverseDeviation), Tolerances.Forward);
        Tensors.AssertClose(run.Y, expected.Y, Tolerances.Forward);
    }

    [Test]
    public void Backward_leaves_the_gradient_of_every_intermediate(
        [ValueSource(nameof(Shapes))] int[] shape, [ValueSource(nameof(Epsilons))] float epsilon)
    {
        (int batch, int features) = (shape[0], shape[1]);
        Run run = Start(batch, features, epsilon);
        BatchNormResult forward = ReferenceOperations.BatchNorm(run.X, run.Gain, run.Bias, Constants(epsilon));
        Matrix<double> difference = Difference(run.X, forward);

        // y = gain·bnraw + bias and back from there, as the lecture takes it apart
        Matrix<double> dRaw = ScaleColumns(run.Dy, run.Gain);
        Vector<double> dInverse = difference.PointwiseMultiply(dRaw).ColumnSums();
        Vector<double> dVariance = -0.5 * (forward.Variance + epsilon).PointwisePower(-1.5).PointwiseMultiply(dInverse);
        var dSquares = Matrix<double>.Build.Dense(batch, features, (_, j) => dVariance[j] / (batch - 1));
        Matrix<double> dDifference = ScaleColumns(dRaw, forward.InverseDeviation) + (2 * difference.PointwiseMultiply(dSquares));
        Vector<double> dMean = -dDifference.ColumnSums();

        Tensors.AssertClose(run.Gradients.Raw.Read(), dRaw, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.VarianceInverse.Read(), dInverse, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.Variance.Read(), dVariance, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.Squares.Read(), dSquares, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.Difference.Read(), dDifference, Tolerances.Gradient);

        // The differences' gradients nearly cancel in their sum.
        Vector<double> rounding = Tolerances.Gamma(batch) * dDifference.PointwiseAbs().ColumnSums();
        Tensors.AssertClose(run.Gradients.Mean.Read(), dMean, Tolerances.Gradient, rounding);
    }

    [Test]
    public void The_gradients_are_those_of_the_closed_form(
        [ValueSource(nameof(Shapes))] int[] shape, [ValueSource(nameof(Epsilons))] float epsilon)
    {
        (int batch, int features) = (shape[0], shape[1]);
        Run run = Start(batch, features, epsilon);
        DeviceArray<float> dx = Output(batch * features), dGain = Output(features), dBias = Output(features);
        Kernels.BatchNorm.Backward(
            Upload(run.X.ToFloats()), run.Values.Mean, run.Values.VarianceInverse, Upload(run.Gain.ToFloats()), Constants(epsilon),
            Upload(run.Dy.ToFloats()), batch, features, dx, dGain, dBias);

        // Both start from the same statistics, and so does the reference here.
        BatchNormResult forward = ReferenceOperations.BatchNorm(run.X, run.Gain, run.Bias, Constants(epsilon)) with
        {
            Mean = run.Values.Mean.Read().ToVector(),
            InverseDeviation = run.Values.VarianceInverse.Read().ToVector(),
        };
        var expected = ReferenceOperations.BatchNormBackward(run.X, forward, run.Gain, Constants(epsilon), run.Dy);
        var allowance = BatchNormRounding.OfGradients(run.X, forward, run.Gain, Constants(epsilon), run.Dy);
        Tensors.AssertClose(run.Dx, expected.Dx, Tolerances.Gradient, allowance.Dx);
        Tensors.AssertClose(run.DGain, expected.DGain, Tolerances.Gradient, allowance.DGain);
        Tensors.AssertClose(run.DBias, expected.DBias, Tolerances.Gradient, allowance.DBias);
        Tensors.AssertClose(run.Dx, dx.Read().ToMatrix(features), Tolerances.Gradient, 2 * allowance.Dx);
        Tensors.AssertClose(run.DGain, dGain.Read().ToVector(), Tolerances.Gradient, 2 * allowance.DGain);
        Tensors.AssertClose(run.DBias, dBias.Read().ToVector(), Tolerances.Gradient, 2 * allowance.DBias);
    }

    [Test]
    public void A_batch_of_one_is_refused()
    {
        var operation = new BatchNormSteps(Bench.Launcher);
        ArrayView<float> one = Output(1);
        BatchNormIntermediates intermediates = Intermediates(1, 1).Views;
        AssertOutOfRange("batch", () => operation.Forward(one, one, one, 0f, 1, 1, intermediates, one));
        AssertOutOfRange("batch", () => operation.Backward(intermediates, one, one, 0f, 1, 1, intermediates, one, one, one));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        var operation = new BatchNormSteps(Bench.Launcher);
        ArrayView<float> x = Output(6), h = Output(2), wrong = Output(5);
        BatchNormIntermediates intermediates = Intermediates(3, 2).Views;
        AssertRejects("x", () => operation.Forward(wrong, h, h, 0f, 3, 2, intermediates, x));
        AssertRejects("gain", () => operation.Forward(x, wrong, h, 0f, 3, 2, intermediates, x));
        AssertRejects("bias", () => operation.Forward(x, h, wrong, 0f, 3, 2, intermediates, x));
        AssertRejects("y", () => operation.Forward(x, h, h, 0f, 3, 2, intermediates, wrong));
        AssertRejects("gain", () => operation.Backward(intermediates, wrong, x, 0f, 3, 2, intermediates, x, h, h));
        AssertRejects("dy", () => operation.Backward(intermediates, h, wrong, 0f, 3, 2, intermediates, x, h, h));
        AssertRejects("dx", () => operation.Backward(intermediates, h, x, 0f, 3, 2, intermediates, wrong, h, h));
        AssertRejects("dGain", () => operation.Backward(intermediates, h, x, 0f, 3, 2, intermediates, x, wrong, h));
        AssertRejects("dBias", () => operation.Backward(intermediates, h, x, 0f, 3, 2, intermediates, x, h, wrong));
        foreach (BatchNormIntermediates faulty in new[]
        {
            intermediates with { Mean = wrong }, intermediates with { Difference = wrong }, intermediates with { Squares = wrong },
            intermediates with { Variance = wrong }, intermediates with { VarianceInverse = wrong }, intermediates with { Raw = wrong },
        })
        {
            Assert.That(() => operation.Forward(x, h, h, 0f, 3, 2, faulty, x), Throws.ArgumentException);
            Assert.That(() => operation.Backward(faulty, h, x, 0f, 3, 2, intermediates, x, h, h), Throws.ArgumentException);
            Assert.That(() => operation.Backward(intermediates, h, x, 0f, 3, 2, faulty, x, h, h), Throws.ArgumentException);
        }
    }

    static Matrix<double> Difference(Matrix<double> x, BatchNormResult forward) =>
        x.MapIndexed((_, j, value) => value - forward.Mean[j], Zeros.Include);

    static Matrix<double> ScaleColumns(Matrix<double> x, Vector<double> factors) => x.MapIndexed((_, j, value) => value * factors[j]);

    static BatchNormConstants Constants(float epsilon) => BatchNormForms.Plain with { Epsilon = epsilon };

    Run Start(int batch, int features, float epsilon)
    {
        float[] x = Samples.Normal(batch * features, seed: 1);
        float[] gain = Samples.Normal(features, seed: 2, mean: 1, deviation: 0.3);
        float[] bias = Samples.Normal(features, seed: 3, mean: 0.2, deviation: 0.5);
        float[] dy = Samples.Normal(batch * features, seed: 4, deviation: 1.0 / batch);
        Arrays values = Intermediates(batch, features), gradients = Intermediates(batch, features);
        DeviceArray<float> y = Output(x.Length), dx = Output(x.Length), dGain = Output(features), dBias = Output(features);
        var operation = new BatchNormSteps(Bench.Launcher);
        operation.Forward(Upload(x), Upload(gain), Upload(bias), epsilon, batch, features, values.Views, y);
        operation.Backward(values.Views, Upload(gain), Upload(dy), epsilon, batch, features, gradients.Views, dx, dGain, dBias);
        return new Run(
            x.ToMatrix(features), gain.ToVector(), bias.ToVector(), dy.ToMatrix(features),
            values, y.Read(), gradients, dx.Read(), dGain.Read(), dBias.Read());
    }

    Arrays Intermediates(int batch, int features)
    {
        DeviceArray<float> Features() => Output(features);
        DeviceArray<float> All() => Output(batch * features);
        return new Arrays(Features(), All(), All(), Features(), Features(), All());
    }

    sealed record Run(
        Matrix<double> X, Vector<double> Gain, Vector<double> Bias, Matrix<double> Dy,
        Arrays Values, float[] Y, Arrays Gradients, float[] Dx, float[] DGain, float[] DBias);

    sealed record Arrays(
        DeviceArray<float> Mean, DeviceArray<float> Difference, DeviceArray<float> Squares,
        DeviceArray<float> Variance, DeviceArray<float> VarianceInverse, DeviceArray<float> Raw)
    {
        public BatchNormIntermediates Views => new(Mean, Difference, Squares, Variance, VarianceInverse, Raw);
    }
}
