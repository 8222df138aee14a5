using CsCheck;
using ILGPU;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

sealed class EmbeddingTests(TestBench bench) : KernelTests(bench)
{
    // vocabulary, width, tokens
    static readonly int[][] Shapes = [[1, 1, 1], [2, 1, 65], [27, 10, 96], [31, 3, 7], [65, 17, 33]];

    static readonly Gen<(float[] Table, int Width, int[] Tokens, float[] Dy)> Layers =
        from vocabulary in Gen.Int[1, 30]
        from width in Gen.Int[1, 12]
        from count in Gen.Int[1, 60]
        from table in Samples.Value.Array[vocabulary * width]
        from tokens in Gen.Int[0, vocabulary - 1].Array[count]
        from dy in Samples.Value.Array[count * width]
        select (table, width, tokens, dy);

    [TestCaseSource(nameof(Shapes))]
    public void Forward_copies_the_row_of_each_token(int vocabulary, int width, int count) =>
        AssertForward(Samples.Normal(vocabulary * width, seed: 1), width, Samples.Integers(count, vocabulary, seed: 2));

    [TestCaseSource(nameof(Shapes))]
    public void Backward_sums_the_gradients_of_each_token(int vocabulary, int width, int count) =>
        AssertBackward(Samples.Integers(count, vocabulary, seed: 3), Samples.Normal(count * width, seed: 4), width, vocabulary);

    [Test]
    public void Both_hold_for_random_tokens() => ForAll(Layers, layer =>
    {
        AssertForward(layer.Table, layer.Width, layer.Tokens);
        AssertBackward(layer.Tokens, layer.Dy, layer.Width, layer.Table.Length / layer.Width);
    });

    [Test]
    public void Backward_sums_where_every_token_is_the_same() =>
        AssertBackward(Enumerable.Repeat(4, 65).ToArray(), Samples.Normal(65 * 3, seed: 5), width: 3, vocabulary: 7);

    // Integers add up exactly in any order: not a token may be missing, and none counted twice.
    [TestCase(27, 10, 4099)]
    [TestCase(3, 4, 8192)]
    [TestCase(2000, 1, 129)]
    public void Backward_adds_up_each_token_once(int vocabulary, int width, int count)
    {
        int[] tokens = Samples.Integers(count, vocabulary, seed: 7);
        float[] dy = Array.ConvertAll(Samples.Integers(count * width, below: 17, seed: 8), value => value - 8f);
        DeviceArray<float> dTable = Output(vocabulary * width);
        Kernels.Embedding.Backward(Upload(tokens), Upload(dy), width, dTable);
        Tensors.AssertClose(dTable.Read(), ReferenceOperations.EmbedBackward(tokens, dy.ToMatrix(width), vocabulary), Tolerances.Exact);
    }

    [Test]
    public void Backward_gives_exactly_zero_to_a_token_that_does_not_occur()
    {
        DeviceArray<float> dTable = Output(5 * 2);
        Kernels.Embedding.Backward(Upload([1, 3, 1]), Upload(Samples.Normal(3 * 2, seed: 6)), 2, dTable);
        float[] rows = dTable.Read();
        Assert.That(rows.Where((_, i) => i / 2 is 0 or 2 or 4), Is.All.Zero);
        Assert.That(rows.Where((_, i) => i / 2 is 1 or 3), Is.All.Not.Zero);
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> table = Output(8), wrong = Output(7);
        ArrayView<int> tokens = Upload([0, 1, 2]);
        AssertRejects("y", () => Kernels.Embedding.Forward(table, tokens, 2, wrong));
        AssertRejects("dy", () => Kernels.Embedding.Backward(tokens, wrong, 2, table));
    }

    void AssertForward(float[] table, int width, int[] tokens)
    {
        DeviceArray<float> y = Output(tokens.Length * width);
        Kernels.Embedding.Forward(Upload(table), Upload(tokens), width, y);
        Tensors.AssertClose(y.Read(), ReferenceOperations.Embed(table.ToMatrix(width), tokens), Tolerances.Exact);
    }

    void AssertBackward(int[] tokens, float[] dy, int width, int vocabulary)
    {
        DeviceArray<float> dTable = Output(vocabulary * width);
        Kernels.Embedding.Backward(Upload(tokens), Upload(dy), width, dTable);
        Matrix<double> matrix = dy.ToMatrix(width);
        Matrix<double> expected = ReferenceOperations.EmbedBackward(tokens, matrix, vocabulary);
        Matrix<double> terms = ReferenceOperations.EmbedBackward(tokens, matrix.PointwiseAbs(), vocabulary);
        Tensors.AssertClose(dTable.Read(), expected, Tolerances.Rounding, Tolerances.Gamma(tokens.Length) * terms);
    }
}
