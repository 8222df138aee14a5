using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>The tile operations in C# that ILGPU compiles for every backend. See <see cref="Tile"/> for their meaning.</summary>
public static class PortableTile
{
    const int BlockRows = 4;
    const int BlockColumns = Float8.Length;

    /// <inheritdoc cref="Tile.Multiply"/>
    /// <remarks>
    /// Blocks of 4 x 8 results stay in registers while the loop runs along the depth: 12 loads serve 32 multiplications. What is left
    /// at the lower and right edges is computed one result at a time.
    /// </remarks>
    public static void Multiply(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns)
    {
        int blockedRows = rows / BlockRows * BlockRows;
        int blockedColumns = columns / BlockColumns * BlockColumns;
        for (int i = 0; i < blockedRows; i += BlockRows)
        {
            for (int j = 0; j < blockedColumns; j += BlockColumns)
            {
                MultiplyBlock(a.From(i, 0), b.From(0, j), c.From(i, j), depth);
            }
        }
        MultiplyEach(a, b.From(0, blockedColumns), c.From(0, blockedColumns), blockedRows, depth, columns - blockedColumns);
        MultiplyEach(a.From(blockedRows, 0), b, c.From(blockedRows, 0), rows - blockedRows, depth, columns);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyBlock(MatrixView a, MatrixView b, MatrixView c, int depth)
    {
        Float8 row0 = default, row1 = default, row2 = default, row3 = default;
        for (int k = 0; k < depth; k++)
        {
            Float8 right = Float8.Load(b.Values, b.Start + (k * b.RowStride), b.ColumnStride);
            int left = a.Start + (k * a.ColumnStride);
            row0 = row0.MultiplyAdd(a.Values[left], right);
            row1 = row1.MultiplyAdd(a.Values[left + a.RowStride], right);
            row2 = row2.MultiplyAdd(a.Values[left + (2 * a.RowStride)], right);
            row3 = row3.MultiplyAdd(a.Values[left + (3 * a.RowStride)], right);
        }
        row0.Store(c.Values, c.Start);
        row1.Store(c.Values, c.Start + c.RowStride);
        row2.Store(c.Values, c.Start + (2 * c.RowStride));
        row3.Store(c.Values, c.Start + (3 * c.RowStride));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void MultiplyEach(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns)
    {
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                float sum = 0f;
                for (int k = 0; k < depth; k++)
                {
                    sum += a.Values[a.Start + (i * a.RowStride) + (k * a.ColumnStride)] * b.Values[b.Start + (k * b.RowStride) + (j * b.ColumnStride)];
                }
                c.Values[c.Start + (i * c.RowStride) + j] = sum;
            }
        }
    }
}
