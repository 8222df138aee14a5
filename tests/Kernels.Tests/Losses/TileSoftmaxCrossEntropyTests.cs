using CsCheck;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Losses;

sealed class TileSoftmaxCrossEntropyTests(TileBody body) : TileTests(body)
{
    static readonly int[] Vocabularies = [1, 2, 27, 50];

    static readonly Gen<(float[] Logits, int[] Targets)> Batches =
        from vocabulary in Gen.Int[1, 60]
        from batch in Gen.Int[1, 40]
        from logits in Samples.Value.Array[batch * vocabulary]
        from targets in Gen.Int[0, vocabulary - 1].Array[batch]
        select (logits, targets);

    [TestCaseSource(nameof(BatchSizes))]
    public void Loss_and_gradient_are_those_of_the_reference(int batch) => Array.ForEach(Vocabularies, vocabulary =>
        AssertLossAndGradient(Samples.Normal(vocabulary * batch, seed: 1, deviation: 3), Samples.Integers(batch, vocabulary, seed: 2)));

    [Test]
    public void It_holds_for_random_logits() => ForAll(Batches, batch => AssertLossAndGradient(batch.Logits, batch.Targets));

    [TestCase(0f)]
    [TestCase(-3.25f)]
    [TestCase(1e4f)]
    [TestCase(-1e4f)]
    public void Equal_logits_give_the_logarithm_of_the_vocabulary(float logit) =>
        AssertLossAndGradient([.. Enumerable.Repeat(logit, 27 * 3)], [0, 13, 26]);

    [Test]
    public void Huge_logits_neither_overflow_nor_lose_the_differences_between_them()
    {
        float[] values = [1e4f, -1e4f, 9999f, 0f, 1e4f, -9999.5f, 9998.25f];
        int[] indices = Samples.Integers(11 * 33, values.Length, seed: 3);
        AssertLossAndGradient(Array.ConvertAll(indices, index => values[index]), Samples.Integers(33, 11, seed: 4));
    }

    [Test]
    public void The_largest_logit_may_be_that_of_any_token() =>
        AssertLossAndGradient([.. Enumerable.Range(0, 7 * 7).Select(i => i / 7 == i % 7 ? 1e4f : i)], Samples.Integers(7, 7, seed: 8));

    // Of two examples with three logits each.
    [Test]
    public void Infinitely_small_logits_are_impossible() =>
        AssertLossAndGradient([float.NegativeInfinity, 1f, 1f, float.NegativeInfinity, 2f, 2f], [1, 2]);

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(6)]
    public void NaN_among_the_logits_gives_NaN_to_its_example_and_to_no_other(int token)
    {
        float[] logits = Samples.Normal(7 * 17, seed: 5);
        (logits[(token * 17) + 2], logits[(token * 17) + 16]) = (float.NaN, float.NaN);
        (float[] losses, float[] dLogits) = LossAndGradient(logits, Samples.Integers(17, 7, seed: 6), inPlace: false);
        Assert.That(losses.Select(float.IsNaN), Is.EqualTo(Enumerable.Range(0, 17).Select(n => n is 2 or 16)));
        Assert.That(dLogits.Select(float.IsNaN), Is.EqualTo(Enumerable.Range(0, 7 * 17).Select(i => i % 17 is 2 or 16)));
    }

    // Of a batch of 20, a second block of 16 holds four examples; one that lies behind the batch holds none, or less.
    [TestCase(4)]
    [TestCase(1)]
    [TestCase(0)]
    [TestCase(-16)]
    public void Padding_gets_no_loss_and_no_gradient(int examples)
    {
        int block = Padded(16);
        GuardedMatrix logits = Matrix(Samples.Normal(5 * block, seed: 7), block), losses = Matrix(Nothing(block), block);
        GuardedMatrix dLogits = Matrix(Nothing(5 * block), block);
        Run(new TileSoftmaxCrossEntropy(
            logits.Memory, Integers(new int[block], block).Memory, losses.Memory, dLogits.Memory,
            5, examples, block, 20, logits.View.RowStride),
            losses, dLogits);
        IEnumerable<bool> isExample = Enumerable.Range(0, block).Select(n => n < examples);
        Assert.That(losses.Read().Select(loss => loss != 0), Is.EqualTo(isExample));
        Assert.That(dLogits.Read().Select(gradient => gradient != 0), Is.EqualTo(Enumerable.Repeat(isExample, 5).SelectMany(row => row)));
    }

    void AssertLossAndGradient(float[] logits, int[] targets)
    {
        (float[] losses, float[] dLogits) = LossAndGradient(logits, targets, inPlace: false);
        (float[] lossesInPlace, float[] dLogitsInPlace) = LossAndGradient(logits, targets, inPlace: true);
        Tensors.AssertSameBits(lossesInPlace, losses);
        Tensors.AssertSameBits(dLogitsInPlace, dLogits);

        int batch = targets.Length;
        Matrix<double> examples = logits.ToMatrix(batch).Transpose();
        var expected = ReferenceOperations.SoftmaxCrossEntropy(examples, targets);

        // By which share a sum of exponentials, and with it every probability, may be off: each addition rounds, and each exponential is
        // as good as four roundings. The loss is off by that much.
        double rounding = Tolerances.Gamma(examples.ColumnCount + 8);
        Matrix<double> allowance = expected.DLogits.MapIndexed(
            (n, v, gradient) => rounding * ((gradient * batch) + (v == targets[n] ? 1 : 0)) / batch, Zeros.Include);
        Tensors.AssertClose(losses, expected.Losses, Tolerances.Forward, Vector<double>.Build.Dense(batch, rounding));
        Tensors.AssertClose(dLogits, expected.DLogits.Transpose(), Tolerances.Gradient, allowance.Transpose());
    }

    (float[] Losses, float[] DLogits) LossAndGradient(float[] logits, int[] targets, bool inPlace)
    {
        int batch = targets.Length;
        GuardedMatrix values = Activations(logits, batch, padding: -7f), losses = Activations(Nothing(batch), batch, float.NaN);
        GuardedMatrix dLogits = inPlace ? values : Activations(Nothing(logits.Length), batch, float.NaN);
        GuardedMatrix tokens = Integers([.. targets, .. new int[Padded(batch) - batch]], Padded(batch));
        Run(new TileSoftmaxCrossEntropy(
            values.Memory, tokens.Memory, losses.Memory, dLogits.Memory, logits.Length / batch, batch, Padded(batch), batch, Padded(batch)),
            losses, dLogits);
        Assert.That(losses.ReadPadding(), Is.All.Zero);
        Assert.That(dLogits.ReadPadding(), Is.All.Zero);
        return (losses.Read(), dLogits.Read());
    }
}
