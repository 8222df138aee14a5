using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tests.Simd;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

sealed class TileBatchGatherTests(TileBody body) : TileTests(body)
{
    // examples of the set, context, batch
    static readonly int[][] Shapes = [[1, 1, 1], [7, 3, 32], [129, 2, 15], [13, 8, 17], [200_000, 3, 48]];

    [TestCaseSource(nameof(Shapes))]
    public void It_takes_the_examples_that_the_indices_name(int examples, int context, int batch)
    {
        int[] contexts = Samples.Integers(examples * context, 27, seed: 1);
        int[] targets = Samples.Integers(examples, 27, seed: 2);
        int[] indices = Samples.Integers(batch, examples, seed: 3);
        GuardedMatrix tokens = Matrix(Nothing((context + 1) * batch), batch);
        Run(
            new TileBatchGather(Memory(contexts), Memory(targets), Memory(indices), tokens.Memory, tokens.View.RowStride, batch, context),
            tokens);

        IEnumerable<int> expected = Enumerable.Range(0, context + 1).SelectMany(
            position => indices.Select(example => position < context ? contexts[(example * context) + position] : targets[example]));
        Assert.That(tokens.Read().Select(BitConverter.SingleToInt32Bits), Is.EqualTo(expected));
    }

    // Integers as a data set holds them.
    ViewMemory Memory(int[] values) => new(Upload(values).View.Cast<float>(), 0);
}
