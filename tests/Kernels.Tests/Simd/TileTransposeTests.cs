using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

sealed class TileTransposeTests(TileBody body) : TileTests(body)
{
    [TestCaseSource(nameof(Lengths))]
    public void It_copies_every_bit_for_every_count_of_rows(int columns) => Array.ForEach(Lengths, rows => AssertMoved(rows, columns));

    void AssertMoved(int rows, int columns)
    {
        // Every value once, and tiny ones, integers by their bits, among them.
        float[] values = [.. Enumerable.Range(0, rows * columns).Select(i => i % 3 == 0 ? BitConverter.Int32BitsToSingle(i) : 0.5f * i)];
        GuardedMatrix source = Matrix(values, columns), target = Matrix(Nothing(rows * columns), rows);
        Run(new TileTranspose(source.View, target.View, rows, columns), target);
        float[] expected = [.. Enumerable.Range(0, rows * columns).Select(i => values[(i % rows * columns) + (i / rows)])];
        Tensors.AssertSameBits(target.Read(), expected);
    }
}
