using CsCheck;
using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

sealed class TileEmbeddingTests(TileBody body) : TileTests(body)
{
    const float LearningRate = 0.3f;

    // vocabulary, width, context, examples
    static readonly int[][] Shapes =
        [[1, 1, 1, 1], [2, 1, 3, 17], [27, 10, 3, 32], [5, 15, 2, 7], [27, 16, 3, 16], [3, 17, 2, 5], [50, 33, 1, 48], [27, 64, 4, 31]];

    static readonly Gen<(float[] Table, int Vocabulary, int[] Tokens, int Context, float[] Gradient)> Layers =
        from vocabulary in Gen.Int[1, 30]
        from width in Gen.Int[1, 40]
        from context in Gen.Int[1, 4]
        from examples in Gen.Int[1, 20]
        from table in Samples.Value.Array[vocabulary * width]
        from tokens in Gen.Int[0, vocabulary - 1].Array[context * examples]
        from gradient in Samples.Value.Array[examples * context * width]
        select (table, vocabulary, tokens, context, gradient);

    [TestCaseSource(nameof(Shapes))]
    public void Gather_lays_the_rows_of_the_tokens_of_an_example_side_by_side(int vocabulary, int width, int context, int examples)
    {
        SkipOnWarps();
        AssertGather(
            Samples.Normal(vocabulary * width, seed: 1), vocabulary, Samples.Integers(context * examples, vocabulary, seed: 2), context);
    }

    [TestCaseSource(nameof(Shapes))]
    public void Update_applies_the_gradient_to_the_row_of_each_token(int vocabulary, int width, int context, int examples)
    {
        SkipOnWarps();
        AssertUpdate(
            Samples.Normal(vocabulary * width, seed: 3), vocabulary, Samples.Integers(context * examples, vocabulary, seed: 4), context,
            Samples.Normal(examples * context * width, seed: 5));
    }

    [Test]
    public void Update_applies_the_gradient_to_the_row_of_a_token_that_is_everywhere()
    {
        SkipOnWarps();
        AssertUpdate(Samples.Normal(7 * 10, seed: 6), 7, [.. Enumerable.Repeat(4, 3 * 33)], 3, Samples.Normal(33 * 3 * 10, seed: 7));
    }

    [Test]
    public void Both_hold_for_random_tokens()
    {
        SkipOnWarps();
        ForAll(Layers, layer =>
        {
            AssertGather(layer.Table, layer.Vocabulary, layer.Tokens, layer.Context);
            AssertUpdate(layer.Table, layer.Vocabulary, layer.Tokens, layer.Context, layer.Gradient);
        });
    }

    [TestCaseSource(nameof(Shapes))]
    public void A_feature_is_one_value_of_the_token_of_each_example(int vocabulary, int width, int context, int examples)
    {
        float[] table = Samples.Normal(vocabulary * width, seed: 8);
        int[] tokens = Samples.Integers(context * examples, vocabulary, seed: 9);
        foreach ((int position, int column) in new[] { (0, 0), (context - 1, width - 1) })
        {
            GuardedMatrix feature = Activations(Nothing(examples), examples, padding: float.NaN);
            int[] own = tokens[(position * examples)..((position + 1) * examples)];
            Run(
                new WarpEmbeddingGather(
                    Integers(own, examples).Memory, Table(table, width, padding: float.NaN).View,
                    feature.Memory, examples, Padded(examples), column),
                feature);
            Assert.That(feature.Read(), Is.EqualTo(own.Select(token => table[(token * width) + column])));
            Assert.That(feature.ReadPadding(), Is.All.Zero);
        }
    }

    [TestCaseSource(nameof(Shapes))]
    public void A_row_is_updated_by_the_gradients_of_every_position_of_its_token(int vocabulary, int width, int context, int examples)
    {
        int[] tokens = Samples.Integers(context * examples, vocabulary, seed: 11);
        AssertRowUpdate(Samples.Normal(width, seed: 12), tokens[0], tokens, context, Samples.Normal(examples * context * width, seed: 13));
    }

    [Test]
    public void A_row_whose_token_is_nowhere_stays() =>
        AssertRowUpdate(Samples.Normal(10, seed: 14), 3, [.. Enumerable.Repeat(4, 3 * 33)], 3, Samples.Normal(33 * 3 * 10, seed: 15));

    [Test]
    public void NaN_of_another_token_does_not_reach_the_row()
    {
        float[] gradient = Samples.Normal(33 * 2 * 5, seed: 16);
        gradient[33 + 7] = float.NaN;
        AssertRowUpdate(Samples.Normal(5, seed: 17), 1, [.. Enumerable.Range(0, 2 * 33).Select(i => i == 7 ? 2 : 1)], 2, gradient);
    }

    // Here the gradient has a row for each feature.
    void AssertRowUpdate(float[] row, int token, int[] tokens, int context, float[] gradient)
    {
        (int width, int examples) = (row.Length, tokens.Length / context);
        GuardedMatrix target = Matrix(row, width), tokenRows = Matrix(Array.ConvertAll(tokens, BitConverter.Int32BitsToSingle), examples);
        GuardedMatrix gradients = Matrix(gradient, examples);
        for (int column = 0; column < width; column += 4)
        {
            Run(
                new WarpEmbeddingUpdate(
                    gradients.Memory.From(column * gradients.View.RowStride), width * gradients.View.RowStride,
                    tokenRows.Memory, tokenRows.View.RowStride,
                    target.Memory.From(column), Math.Min(4, width - column), token, examples, context, LearningRate),
                target);
        }

        int count = tokens.Count(other => other == token);
        (double[] expected, double[] allowance) = (new double[width], new double[width]);
        for (int e = 0; e < width; e++)
        {
            double[] terms = [.. Enumerable.Range(0, tokens.Length)
                .Where(i => tokens[i] == token)
                .Select(i => (double)gradient[(((i / examples * width) + e) * examples) + (i % examples)])];
            expected[e] = row[e] - (LearningRate * terms.Sum());
            allowance[e] = Tolerances.Gamma(count + 2) * (Math.Abs(row[e]) + (LearningRate * terms.Sum(Math.Abs)));
        }
        Tensors.AssertClose(
            target.Read(), Vector<double>.Build.Dense(expected), Tolerances.Rounding, Vector<double>.Build.Dense(allowance));
    }

    // Warps gather by features, and update row by row.
    void SkipOnWarps()
    {
        if (Body.Padding == FusedLayout.MaxPadding)
        {
            Assert.Ignore("an operation for threads");
        }
    }

    void AssertGather(float[] table, int vocabulary, int[] tokens, int context)
    {
        (int width, int examples) = (table.Length / vocabulary, tokens.Length / context);
        GuardedMatrix rows = Table(table, width, padding: float.NaN), tokenRows = Integers(tokens, examples);
        // The last row of the table that is copied spills over.
        GuardedMatrix embedded = Spilling(Nothing(examples * context * width), context, width, padding: float.NaN);
        Run(
            new TileEmbeddingGather(rows.View, tokenRows.Memory, tokenRows.View.RowStride, embedded.View, examples, context, width),
            embedded);
        Matrix<double> expected = ReferenceOperations.Embed(table.ToMatrix(width), ByExample(tokens, context));
        Tensors.AssertSameBits(embedded.Read(), expected.ToFloats());
    }

    void AssertUpdate(float[] table, int vocabulary, int[] tokens, int context, float[] gradient)
    {
        (int width, int examples) = (table.Length / vocabulary, tokens.Length / context);
        GuardedMatrix rows = Table(table, width, padding: 5f), tokenRows = Integers(tokens, examples);
        GuardedMatrix gradients = Spilling(gradient, context, width, padding: 1e3f);
        Run(
            new TileEmbeddingUpdate(
                gradients.View, tokenRows.Memory, tokenRows.View.RowStride, rows.View, examples, context, width, LearningRate),
            rows);

        int[] tokensByExample = ByExample(tokens, context);
        Matrix<double> start = table.ToMatrix(width), dy = gradient.ToMatrix(width);
        Matrix<double> step = LearningRate * ReferenceOperations.EmbedBackward(tokensByExample, dy, vocabulary);
        Matrix<double> terms = start.PointwiseAbs()
            + (LearningRate * ReferenceOperations.EmbedBackward(tokensByExample, dy.PointwiseAbs(), vocabulary));
        int maxCount = tokens.GroupBy(token => token).Max(group => group.Count());
        Tensors.AssertClose(rows.Read(), start - step, Tolerances.Rounding, Tolerances.Gamma(maxCount + 1) * terms);
        Assert.That(rows.ReadPadding(), Is.All.EqualTo(5f), "the table's padding");
    }

    // From an example in each column to an example in each row.
    static int[] ByExample(int[] tokens, int context)
    {
        int examples = tokens.Length / context;
        return [.. Enumerable.Range(0, tokens.Length).Select(i => tokens[(i % context * examples) + (i / context)])];
    }

    GuardedMatrix Table(float[] values, int width, float padding) =>
        Operand(new(Bench, values, width, Padded(width) - width, padding, stride: Padded(width) + 3));

    GuardedMatrix Spilling(float[] values, int context, int width, float padding)
    {
        int spill = Padded(width) - width;
        return Operand(new(Bench, values, context * width, spill, padding, stride: (context * width) + spill + 5));
    }
}
