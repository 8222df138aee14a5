using Makemore.Gpu.Kernels.Embeddings;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tests.Simd;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

sealed class TileBatchGatherTests(TileBody body) : TileTests(body)
{
    // tokens, context, batch
    static readonly int[][] Shapes = [[1, 1, 1], [7, 3, 32], [129, 2, 15], [13, 8, 17], [101, 97, 31], [200_000, 3, 48]];

    [Test]
    public void It_takes_the_windows_that_the_indices_name(
        [ValueSource(nameof(Shapes))] int[] shape, [ValueSource(nameof(Names))] string names)
    {
        (int count, int context, int batch) = (shape[0], shape[1], shape[2]);
        int[] data = Windows.Data(names, count);
        int[] indices = Samples.Integers(batch, count, seed: 3);
        // The last example, and the first one, which has nothing before it.
        (indices[^1], indices[0]) = (count - 1, 0);
        Assert.That(Gathered(data, indices, context), Is.EqualTo(Expected(data, indices, context)));
    }

    [Test]
    public void A_boundary_that_ends_no_name_hides_nothing()
    {
        int[] data = [5, BatchGather.InnerBoundary, 7, 8, 4, BatchGather.End, BatchGather.InnerBoundary, 9];
        int[] expected = [5, 0, 0, 0, 7, 0, 8, 9];
        Assert.That(Gathered(data, [3, 7], context: 3), Is.EqualTo(expected));
    }

    static IEnumerable<string> Names => Windows.Kinds;

    // [T + 1, N]
    static IEnumerable<int> Expected(int[] data, int[] indices, int context) => Enumerable.Range(0, context + 1).SelectMany(
        position => indices.Select(example => position < context ? Windows.Context(data, example, context)[position] : data[example]));

    IEnumerable<int> Gathered(int[] data, int[] indices, int context)
    {
        GuardedMatrix tokens = Matrix(Nothing((context + 1) * indices.Length), indices.Length);
        Run(
            new TileBatchGather(Memory(data), Memory(indices), tokens.Memory, tokens.View.RowStride, indices.Length, context), tokens);
        return tokens.Read().Select(BitConverter.SingleToInt32Bits);
    }

    // Integers as a data set holds them.
    ViewMemory Memory(int[] values) => new(Upload(values).View.Cast<float>(), 0);
}
