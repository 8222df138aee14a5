using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>The tile operations in C# that ILGPU compiles for every backend. See <see cref="Tile"/> for their meaning.</summary>
public static class PortableTile
{
    const int BlockRows = 4;
    const int BlockColumns = Float8.Length;

    /// <inheritdoc cref="Tile.Multiply"/>
    /// <remarks>
    /// Blocks of 4 x 8 results stay in registers while the loop runs along the depth: 12 loads serve 32 multiplications. At the lower
    /// and right edges a block has fewer results; what it would read beyond them is the last row or column again, and is not stored.
    /// Inlined, so that a stride that is 1 is seen to be: only then are neighbouring values loaded as a vector.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns)
    {
        for (int i = 0; i < rows; i += BlockRows)
        {
            for (int j = 0; j < columns; j += BlockColumns)
            {
                if (i + BlockRows <= rows && j + BlockColumns <= columns)
                {
                    MultiplyBlock(a.From(i, 0), b.From(0, j), c.From(i, j), depth);
                }
                else
                {
                    MultiplyEdge(a.From(i, 0), b.From(0, j), c.From(i, j), rows - i, depth, columns - j);
                }
            }
        }
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

    static void MultiplyEdge(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns)
    {
        int offset1 = IntrinsicMath.Min(1, rows - 1) * a.RowStride;
        int offset2 = IntrinsicMath.Min(2, rows - 1) * a.RowStride;
        int offset3 = IntrinsicMath.Min(3, rows - 1) * a.RowStride;
        Float8 row0 = default, row1 = default, row2 = default, row3 = default;
        for (int k = 0; k < depth; k++)
        {
            Float8 right = Float8.LoadFirst(b.Values, b.Start + (k * b.RowStride), b.ColumnStride, columns);
            int left = a.Start + (k * a.ColumnStride);
            row0 = row0.MultiplyAdd(a.Values[left], right);
            row1 = row1.MultiplyAdd(a.Values[left + offset1], right);
            row2 = row2.MultiplyAdd(a.Values[left + offset2], right);
            row3 = row3.MultiplyAdd(a.Values[left + offset3], right);
        }
        row0.StoreFirst(c.Values, c.Start, columns);
        if (rows > 1)
        {
            row1.StoreFirst(c.Values, c.Start + c.RowStride, columns);
        }
        if (rows > 2)
        {
            row2.StoreFirst(c.Values, c.Start + (2 * c.RowStride), columns);
        }
        if (rows > 3)
        {
            row3.StoreFirst(c.Values, c.Start + (3 * c.RowStride), columns);
        }
    }
}
