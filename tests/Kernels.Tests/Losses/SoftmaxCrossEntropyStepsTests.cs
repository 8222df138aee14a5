using ILGPU;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Losses;

sealed class SoftmaxCrossEntropyStepsTests(TestBench bench) : KernelTests(bench)
{
    // N, V
    static readonly int[][] Shapes = [[1, 1], [1, 27], [2, 2], [7, 13], [32, 27], [65, 33]];

    [TestCaseSource(nameof(Shapes))]
    public void Forward_leaves_every_intermediate(int batch, int vocabulary)
    {
        Run run = Start(batch, vocabulary);
        Matrix<double> logits = run.Logits.ToMatrix(vocabulary);
        var maxes = Vector<double>.Build.Dense(batch, n => logits.Row(n).Maximum());
        Matrix<double> normLogits = logits.MapIndexed((n, _, logit) => logit - maxes[n], Zeros.Include);
        Matrix<double> counts = normLogits.PointwiseExp();
        Vector<double> countsSum = counts.RowSums();
        Matrix<double> probabilities = counts.MapIndexed((n, _, count) => count / countsSum[n]);

        Tensors.AssertClose(run.Values.LogitMaxes.Read(), maxes, Tolerances.Exact);
        Tensors.AssertClose(run.Values.NormLogits.Read(), normLogits, Tolerances.Forward);
        Tensors.AssertClose(run.Values.Counts.Read(), counts, Tolerances.Forward);
        Tensors.AssertClose(run.Values.CountsSum.Read(), countsSum, Tolerances.Forward);
        Tensors.AssertClose(run.Values.CountsSumInverse.Read(), 1 / countsSum, Tolerances.Forward);
        Tensors.AssertClose(run.Values.Probabilities.Read(), probabilities, Tolerances.Forward);
        Tensors.AssertClose(run.Values.LogProbabilities.Read(), probabilities.PointwiseLog(), Tolerances.Forward);
        Tensors.AssertClose(run.Losses, ReferenceOperations.SoftmaxCrossEntropy(logits, run.Targets).Losses, Tolerances.Forward);
    }

    [TestCaseSource(nameof(Shapes))]
    public void Backward_leaves_the_gradient_of_every_intermediate(int batch, int vocabulary)
    {
        Run run = Start(batch, vocabulary);
        Matrix<double> logits = run.Logits.ToMatrix(vocabulary);
        Matrix<double> counts = logits.MapIndexed((n, _, logit) => Math.Exp(logit - logits.Row(n).Maximum()), Zeros.Include);
        Vector<double> inverse = 1 / counts.RowSums();

        // loss = -mean(logprobs[n, target]) and back from there, as the lecture takes it apart
        Matrix<double> dLogProbabilities = logits.MapIndexed((n, v, _) => v == run.Targets[n] ? -1.0 / batch : 0, Zeros.Include);
        Matrix<double> dProbabilities = dLogProbabilities.MapIndexed((n, v, gradient) => gradient / (counts[n, v] * inverse[n]));
        Vector<double> dInverse = counts.PointwiseMultiply(dProbabilities).RowSums();
        Vector<double> dSum = -inverse.PointwisePower(2).PointwiseMultiply(dInverse);
        Matrix<double> dCounts = dProbabilities.MapIndexed((n, _, gradient) => (gradient * inverse[n]) + dSum[n], Zeros.Include);
        Matrix<double> dNormLogits = counts.PointwiseMultiply(dCounts);

        Tensors.AssertClose(run.Gradients.LogProbabilities.Read(), dLogProbabilities, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.Probabilities.Read(), dProbabilities, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.CountsSumInverse.Read(), dInverse, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.CountsSum.Read(), dSum, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.Counts.Read(), dCounts, Tolerances.Gradient);
        Tensors.AssertClose(run.Gradients.NormLogits.Read(), dNormLogits, Tolerances.Gradient);

        // Taking the maximum away changes no probability: what is left of its gradient is the rounding of the sum of the others.
        Vector<double> rounding = Tolerances.Gamma(vocabulary) * dNormLogits.PointwiseAbs().RowSums();
        Tensors.AssertClose(run.Gradients.LogitMaxes.Read(), Vector<double>.Build.Dense(batch), Tolerances.Gradient, rounding);
    }

    [TestCaseSource(nameof(Shapes))]
    public void The_gradient_of_the_logits_is_that_of_the_closed_form(int batch, int vocabulary)
    {
        Run run = Start(batch, vocabulary);
        DeviceArray<float> losses = Output(batch), dLogits = Output(batch * vocabulary);
        Kernels.SoftmaxCrossEntropy.LossAndGradient(Upload(run.Logits), Upload(run.Targets), vocabulary, losses, dLogits);
        Tensors.AssertClose(run.DLogits, dLogits.Read().ToMatrix(vocabulary), Tolerances.Gradient);
        Tensors.AssertClose(run.Losses, losses.Read().ToVector(), Tolerances.Forward);

        Matrix<double> expected = ReferenceOperations.SoftmaxCrossEntropy(run.Logits.ToMatrix(vocabulary), run.Targets).DLogits;
        Tensors.AssertClose(run.DLogits, expected, Tolerances.Gradient);
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        var operation = new SoftmaxCrossEntropySteps(Bench.Launcher);
        ArrayView<float> logits = Output(6), losses = Output(2), wrong = Output(5);
        ArrayView<int> targets = Upload([0, 1]);
        SoftmaxIntermediates intermediates = Intermediates(2, 3).Views;
        AssertRejects("logits", () => operation.Forward(wrong, targets, 3, intermediates, losses));
        AssertRejects("losses", () => operation.Forward(logits, targets, 3, intermediates, wrong));
        AssertRejects("logits", () => operation.Backward(wrong, targets, intermediates, 3, intermediates, logits));
        AssertRejects("dLogits", () => operation.Backward(logits, targets, intermediates, 3, intermediates, wrong));
        foreach (SoftmaxIntermediates faulty in new[]
        {
            intermediates with { LogitMaxes = wrong }, intermediates with { NormLogits = wrong }, intermediates with { Counts = wrong },
            intermediates with { CountsSum = wrong }, intermediates with { CountsSumInverse = wrong },
            intermediates with { Probabilities = wrong }, intermediates with { LogProbabilities = wrong },
        })
        {
            Assert.That(() => operation.Forward(logits, targets, 3, faulty, losses), Throws.ArgumentException);
            Assert.That(() => operation.Backward(logits, targets, faulty, 3, intermediates, logits), Throws.ArgumentException);
            Assert.That(() => operation.Backward(logits, targets, intermediates, 3, faulty, logits), Throws.ArgumentException);
        }
    }

    Run Start(int batch, int vocabulary)
    {
        float[] logits = Samples.Normal(batch * vocabulary, seed: 1, deviation: 2);
        int[] targets = Samples.Integers(batch, vocabulary, seed: 2);
        Arrays values = Intermediates(batch, vocabulary), gradients = Intermediates(batch, vocabulary);
        DeviceArray<float> losses = Output(batch), dLogits = Output(logits.Length);
        var operation = new SoftmaxCrossEntropySteps(Bench.Launcher);
        operation.Forward(Upload(logits), Upload(targets), vocabulary, values.Views, losses);
        operation.Backward(Upload(logits), Upload(targets), values.Views, vocabulary, gradients.Views, dLogits);
        return new Run(logits, targets, values, losses.Read(), gradients, dLogits.Read());
    }

    Arrays Intermediates(int batch, int vocabulary)
    {
        DeviceArray<float> Rows() => Output(batch);
        DeviceArray<float> All() => Output(batch * vocabulary);
        return new Arrays(Rows(), All(), All(), Rows(), Rows(), All(), All());
    }

    sealed record Run(float[] Logits, int[] Targets, Arrays Values, float[] Losses, Arrays Gradients, float[] DLogits);

    sealed record Arrays(
        DeviceArray<float> LogitMaxes, DeviceArray<float> NormLogits, DeviceArray<float> Counts, DeviceArray<float> CountsSum,
        DeviceArray<float> CountsSumInverse, DeviceArray<float> Probabilities, DeviceArray<float> LogProbabilities)
    {
        public SoftmaxIntermediates Views =>
            new(LogitMaxes, NormLogits, Counts, CountsSum, CountsSumInverse, Probabilities, LogProbabilities);
    }
}
