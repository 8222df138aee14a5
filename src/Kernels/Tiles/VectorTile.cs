using System.Numerics;
using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// The tile operations for the CPU accelerator, on the processor's vectors. ILGPU never reads this class, so that it may use what
/// kernels may not: references into memory and <see cref="Vector{T}"/>. See <see cref="PortableTile"/> for the same in plain form.
/// </summary>
/// <remarks>
/// An access through an ArrayView costs this accelerator several nanoseconds; a tile operation looks its memory up once and works on
/// references from there. The references stay inside the views as long as the shapes are right, which the launchers check.
/// </remarks>
static class VectorTile
{
    const int BlockRows = 4;

    /// <inheritdoc cref="Tile.Multiply"/>
    public static void Multiply(MatrixView a, MatrixView b, MatrixView c, int rows, int depth, int columns)
    {
        ref float left = ref First(a);
        ref float right = ref First(b);
        ref float result = ref First(c);
        int i = 0;
        for (; i + BlockRows <= rows; i += BlockRows)
        {
            MultiplyRows(ref Unsafe.Add(ref left, i * a.RowStride), a.RowStride, a, ref right, b, ref Unsafe.Add(ref result, i * c.RowStride), c.RowStride, depth, columns);
        }
        for (; i < rows; i++)
        {
            // A row stride of 0 makes the four rows of a block the same row, computed and stored alike.
            MultiplyRows(ref Unsafe.Add(ref left, i * a.RowStride), 0, a, ref right, b, ref Unsafe.Add(ref result, i * c.RowStride), 0, depth, columns);
        }
    }

    static void MultiplyRows(
        ref float a, int aRow, in MatrixView aLayout, ref float b, in MatrixView bLayout, ref float c, int cRow, int depth, int columns)
    {
        if (bLayout.ColumnStride == 1)
        {
            MultiplyAlongColumns(ref a, aRow, aLayout.ColumnStride, ref b, bLayout.RowStride, ref c, cRow, depth, columns);
        }
        else
        {
            MultiplyAlongDepth(ref a, aRow, aLayout.ColumnStride, ref b, bLayout.RowStride, bLayout.ColumnStride, ref c, cRow, depth, columns);
        }
    }

    // B's rows are contiguous: a vector holds neighbouring columns, and each value of A multiplies a whole vector of B.
    static void MultiplyAlongColumns(ref float a, int aRow, int aDepth, ref float b, int bDepth, ref float c, int cRow, int depth, int columns)
    {
        int width = Vector<float>.Count;
        int j = 0;
        for (; j + (2 * width) <= columns; j += 2 * width)
        {
            Vector<float> c00 = default, c01 = default, c10 = default, c11 = default, c20 = default, c21 = default, c30 = default, c31 = default;
            ref float left = ref a;
            ref float right = ref Unsafe.Add(ref b, j);
            for (int k = 0; k < depth; k++)
            {
                var b0 = Vector.LoadUnsafe(ref right);
                var b1 = Vector.LoadUnsafe(ref right, (nuint)width);
                var a0 = new Vector<float>(left);
                var a1 = new Vector<float>(Unsafe.Add(ref left, aRow));
                var a2 = new Vector<float>(Unsafe.Add(ref left, 2 * aRow));
                var a3 = new Vector<float>(Unsafe.Add(ref left, 3 * aRow));
                c00 = Vector.FusedMultiplyAdd(a0, b0, c00);
                c01 = Vector.FusedMultiplyAdd(a0, b1, c01);
                c10 = Vector.FusedMultiplyAdd(a1, b0, c10);
                c11 = Vector.FusedMultiplyAdd(a1, b1, c11);
                c20 = Vector.FusedMultiplyAdd(a2, b0, c20);
                c21 = Vector.FusedMultiplyAdd(a2, b1, c21);
                c30 = Vector.FusedMultiplyAdd(a3, b0, c30);
                c31 = Vector.FusedMultiplyAdd(a3, b1, c31);
                left = ref Unsafe.Add(ref left, aDepth);
                right = ref Unsafe.Add(ref right, bDepth);
            }
            ref float target = ref Unsafe.Add(ref c, j);
            Store(c00, c01, ref target);
            Store(c10, c11, ref Unsafe.Add(ref target, cRow));
            Store(c20, c21, ref Unsafe.Add(ref target, 2 * cRow));
            Store(c30, c31, ref Unsafe.Add(ref target, 3 * cRow));
        }
        for (; j + width <= columns; j += width)
        {
            Vector<float> c0 = default, c1 = default, c2 = default, c3 = default;
            ref float left = ref a;
            ref float right = ref Unsafe.Add(ref b, j);
            for (int k = 0; k < depth; k++)
            {
                var b0 = Vector.LoadUnsafe(ref right);
                c0 = Vector.FusedMultiplyAdd(new Vector<float>(left), b0, c0);
                c1 = Vector.FusedMultiplyAdd(new Vector<float>(Unsafe.Add(ref left, aRow)), b0, c1);
                c2 = Vector.FusedMultiplyAdd(new Vector<float>(Unsafe.Add(ref left, 2 * aRow)), b0, c2);
                c3 = Vector.FusedMultiplyAdd(new Vector<float>(Unsafe.Add(ref left, 3 * aRow)), b0, c3);
                left = ref Unsafe.Add(ref left, aDepth);
                right = ref Unsafe.Add(ref right, bDepth);
            }
            ref float target = ref Unsafe.Add(ref c, j);
            c0.StoreUnsafe(ref target);
            c1.StoreUnsafe(ref Unsafe.Add(ref target, cRow));
            c2.StoreUnsafe(ref Unsafe.Add(ref target, 2 * cRow));
            c3.StoreUnsafe(ref Unsafe.Add(ref target, 3 * cRow));
        }
        for (; j < columns; j++)
        {
            MultiplyColumn(ref a, aRow, aDepth, ref Unsafe.Add(ref b, j), bDepth, ref Unsafe.Add(ref c, j), cRow, depth);
        }
    }

    // B's columns are contiguous, as in A·Bᵀ: a vector runs along the inner products, which are summed at their end.
    static void MultiplyAlongDepth(
        ref float a, int aRow, int aDepth, ref float b, int bDepth, int bColumn, ref float c, int cRow, int depth, int columns)
    {
        int width = Vector<float>.Count;
        int vectors = aDepth == 1 && bDepth == 1 ? depth / width * width : 0;
        for (int j = 0; j < columns; j++)
        {
            Vector<float> s0 = default, s1 = default, s2 = default, s3 = default;
            ref float right = ref Unsafe.Add(ref b, j * bColumn);
            for (int k = 0; k < vectors; k += width)
            {
                var b0 = Vector.LoadUnsafe(ref right, (nuint)k);
                s0 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref a, (nuint)k), b0, s0);
                s1 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref Unsafe.Add(ref a, aRow), (nuint)k), b0, s1);
                s2 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref Unsafe.Add(ref a, 2 * aRow), (nuint)k), b0, s2);
                s3 = Vector.FusedMultiplyAdd(Vector.LoadUnsafe(ref Unsafe.Add(ref a, 3 * aRow), (nuint)k), b0, s3);
            }
            MultiplyColumn(
                ref Unsafe.Add(ref a, vectors * aDepth), aRow, aDepth, ref Unsafe.Add(ref right, vectors * bDepth), bDepth,
                ref Unsafe.Add(ref c, j), cRow, depth - vectors, Vector.Sum(s0), Vector.Sum(s1), Vector.Sum(s2), Vector.Sum(s3));
        }
    }

    // Four rows of one column, one value at a time: what is left beside the vectors, on top of the sums that they gave.
    static void MultiplyColumn(
        ref float a, int aRow, int aDepth, ref float b, int bDepth, ref float c, int cRow, int depth, float s0 = 0f, float s1 = 0f, float s2 = 0f, float s3 = 0f)
    {
        ref float left = ref a;
        ref float right = ref b;
        for (int k = 0; k < depth; k++)
        {
            s0 = MathF.FusedMultiplyAdd(left, right, s0);
            s1 = MathF.FusedMultiplyAdd(Unsafe.Add(ref left, aRow), right, s1);
            s2 = MathF.FusedMultiplyAdd(Unsafe.Add(ref left, 2 * aRow), right, s2);
            s3 = MathF.FusedMultiplyAdd(Unsafe.Add(ref left, 3 * aRow), right, s3);
            left = ref Unsafe.Add(ref left, aDepth);
            right = ref Unsafe.Add(ref right, bDepth);
        }
        c = s0;
        Unsafe.Add(ref c, cRow) = s1;
        Unsafe.Add(ref c, 2 * cRow) = s2;
        Unsafe.Add(ref c, 3 * cRow) = s3;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(Vector<float> first, Vector<float> second, ref float target)
    {
        first.StoreUnsafe(ref target);
        second.StoreUnsafe(ref target, (nuint)Vector<float>.Count);
    }

    static ref float First(in MatrixView matrix) => ref matrix.Values[matrix.Start];
}
