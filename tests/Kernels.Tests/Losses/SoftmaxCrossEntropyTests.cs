using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Losses;

sealed class SoftmaxCrossEntropyTests(TestBench bench) : KernelTests(bench)
{
    // N, V
    static readonly int[][] Shapes = [[1, 1], [1, 27], [2, 2], [7, 13], [32, 27], [129, 65]];

    static readonly Gen<(float[] Logits, int[] Targets)> Batches =
        from vocabulary in Gen.Int[1, 60]
        from batch in Gen.Int[1, 40]
        from logits in Samples.Value.Array[batch * vocabulary]
        from targets in Gen.Int[0, vocabulary - 1].Array[batch]
        select (logits, targets);

    [TestCaseSource(nameof(Shapes))]
    public void Loss_and_gradient_are_those_of_the_reference(int batch, int vocabulary) =>
        AssertLossAndGradient(Samples.Normal(batch * vocabulary, seed: 1, deviation: 3), Samples.Integers(batch, vocabulary, seed: 2));

    [Test]
    public void Loss_and_gradient_hold_for_random_logits() => ForAll(Batches, batch => AssertLossAndGradient(batch.Logits, batch.Targets));

    [TestCase(0f)]
    [TestCase(-3.25f)]
    [TestCase(1e4f)]
    [TestCase(-1e4f)]
    public void Equal_logits_give_the_logarithm_of_the_vocabulary(float logit) =>
        AssertLossAndGradient([.. Enumerable.Repeat(logit, 3 * 27)], [0, 13, 26]);

    [Test]
    public void Huge_logits_neither_overflow_nor_lose_the_differences_between_them()
    {
        float[] values = [1e4f, -1e4f, 9999f, 0f, 1e4f, -9999.5f, 9998.25f];
        int[] indices = Samples.Integers(33 * 11, values.Length, seed: 3);
        AssertLossAndGradient(Array.ConvertAll(indices, index => values[index]), Samples.Integers(33, 11, seed: 4));
    }

    [Test]
    public void Infinitely_small_logits_are_impossible() =>
        AssertLossAndGradient([float.NegativeInfinity, 1f, 2f, 1f, float.NegativeInfinity, 2f], [1, 2]);

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(6)]
    public void NaN_among_the_logits_gives_NaN_in_its_row_and_in_no_other(int token)
    {
        float[] logits = Samples.Normal(2 * 7, seed: 5);
        logits[7 + token] = float.NaN;
        (float[] losses, float[] dLogits) = LossAndGradient(logits, [1, 2]);
        Assert.That(losses, Has.ItemAt(0).Not.NaN.And.ItemAt(1).NaN);
        Assert.That(dLogits[..7], Has.None.NaN);
        Assert.That(dLogits[7..], Is.All.NaN);
    }

    [TestCase(1, 1000f)]
    [TestCase(2, 1000f)]
    [TestCase(31, 3f)]
    [TestCase(1000, 3f)]
    public void Mean_writes_the_loss_of_its_step_into_the_record(int count, float typical)
    {
        float[] losses = Samples.Normal(count, seed: 6, mean: typical, deviation: 1);
        DeviceArray<float> record = Upload(-1f, -2f, -3f, -4f);
        Kernels.SoftmaxCrossEntropy.Mean(Upload(losses), State(2), record);
        Vector<double> expected = Vector<double>.Build.Dense([-1, -2, losses.Average(loss => (double)loss), -4]);
        Vector<double> allowance = Vector<double>.Build.Dense([0, 0, Tolerances.Gamma(count) * losses.Average(Math.Abs), 0]);
        Tensors.AssertClose(record.Read(), expected, Tolerances.Exact, allowance);
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> logits = Output(6), losses = Output(2), wrong = Output(5);
        ArrayView<int> targets = Upload([0, 1]);
        AssertRejects("logits", () => Kernels.SoftmaxCrossEntropy.Loss(wrong, targets, 3, losses));
        AssertRejects("losses", () => Kernels.SoftmaxCrossEntropy.Loss(logits, targets, 3, wrong));
        AssertRejects("logits", () => Kernels.SoftmaxCrossEntropy.LossAndGradient(wrong, targets, 3, losses, logits));
        AssertRejects("losses", () => Kernels.SoftmaxCrossEntropy.LossAndGradient(logits, targets, 3, wrong, logits));
        AssertRejects("dLogits", () => Kernels.SoftmaxCrossEntropy.LossAndGradient(logits, targets, 3, losses, wrong));
        ArrayView<StepState> none = State(0).View.SubView(0, 0);
        AssertRejects("state", () => Kernels.SoftmaxCrossEntropy.Mean(logits, none, losses));
    }

    void AssertLossAndGradient(float[] logits, int[] targets)
    {
        int vocabulary = logits.Length / targets.Length;
        (float[] losses, float[] dLogits) = LossAndGradient(logits, targets);
        Matrix<double> matrix = logits.ToMatrix(vocabulary);
        (Vector<double> expectedLosses, Matrix<double> expectedGradient) = ReferenceOperations.SoftmaxCrossEntropy(matrix, targets);
        Vector<double> rounding = Rounding(matrix);
        Matrix<double> gradientRounding = expectedGradient.MapIndexed((n, v, gradient) =>
            rounding[n] * ((gradient * targets.Length) + (v == targets[n] ? 1 : 0)) / targets.Length, Zeros.Include);
        Tensors.AssertClose(losses, expectedLosses, Tolerances.Forward, rounding);
        Tensors.AssertClose(dLogits, expectedGradient, Tolerances.Gradient, gradientRounding);

        // The gradient only moves probability from logit to logit. What each element may be off, their sum may be off together.
        (double absolute, double relative) = Tolerances.Gradient;
        Matrix<double> allowance = absolute + (relative * expectedGradient.PointwiseAbs()) + gradientRounding;
        float[] rowSums = dLogits.ToMatrix(vocabulary).RowSums().ToFloats();
        Tensors.AssertClose(rowSums, Vector<double>.Build.Dense(targets.Length), Tolerances.Exact, allowance.RowSums());
    }

    // By which share the sum of a row's exponentials may be off: each of V additions rounds, and each exponential is as good as four
    // roundings. Whenever a logit is larger than those before it, the sum so far is rescaled by an exponential. Every probability of the
    // row is off by that share, and the loss by that much.
    static Vector<double> Rounding(Matrix<double> logits) => Vector<double>.Build.Dense(logits.RowCount, n =>
    {
        double[] row = logits.Row(n).ToArray();
        int rescalings = Enumerable.Range(1, row.Length - 1).Count(v => row[v] > row[..v].Max());
        return Tolerances.Gamma(row.Length + 8 + (5 * rescalings));
    });

    // Also checks that the loss alone is the same number.
    (float[] Losses, float[] DLogits) LossAndGradient(float[] logits, int[] targets)
    {
        int vocabulary = logits.Length / targets.Length;
        DeviceArray<float> alone = Output(targets.Length), losses = Output(targets.Length), dLogits = Output(logits.Length);
        Kernels.SoftmaxCrossEntropy.Loss(Upload(logits), Upload(targets), vocabulary, alone);
        Kernels.SoftmaxCrossEntropy.LossAndGradient(Upload(logits), Upload(targets), vocabulary, losses, dLogits);
        float[] values = losses.Read();
        Tensors.AssertSameBits(alone.Read(), values);
        return (values, dLogits.Read());
    }
}
