using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The matrix product of a warp, for the fused kernel where its workers are warps or groups of warps.
/// </summary>
/// <remarks>
/// <para>
/// Warp tile: 4 rows and 32 columns of C. Thread tile: 4 rows and 4 columns, so that 8 lanes span the 32 columns. The warp's 4 quarters
/// of 8 lanes compute the same tile, but share K: each takes every fourth float4 along it.
/// </para>
/// <code>
/// lanes      0-7    8-15   16-23  24-31   0-7    8-15  ...
/// k          0-3    4-7    8-11   12-15   16-19  20-23 ...
/// </code>
/// <para>
/// A small network has few tiles, even of 4 rows: sharing K keeps all 32 lanes busy with one, and shortens its latency to a quarter. At the
/// end the quarters' sums are added in a fixed order, and each quarter keeps one row of C.
/// </para>
/// <para>
/// A lane takes 4 k-steps at a time: 64 multiplications for 8 loads of a float4. Which of A and B is loaded along K, and which along M or
/// N, depends on which of them is a transpose: see <see cref="IOrder"/>.
/// </para>
/// <para>
/// Operands begin at multiples of 16 bytes, and their strides are multiples of 4. Up to three rows beyond M and columns beyond N are read
/// and computed with, whatever they hold; they are not written.
/// </para>
/// </remarks>
static class WarpGemm
{
    const int Quarters = 4;

    const int QuarterThreads = WarpLanes.Lanes / Quarters;

    // Rows and columns of a thread tile, and k-steps of a float4 along K.
    const int Side = Float4.Count;

    /// <summary>Computes C, one warp tile after another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in TileGemm product)
    {
        int quarter = WarpLanes.Thread / QuarterThreads;
        int columnInTile = WarpLanes.Thread % QuarterThreads * Side;
        for (int row = 0; row < product.M; row += Side)
        {
            for (int tileColumn = 0; tileColumn < product.N; tileColumn += QuarterThreads * Side)
            {
                int column = tileColumn + columnInTile;
                // C is loaded before the product, which hides its latency.
                Float4 before = default;
                if (product.IsAdded != 0 && row + quarter < product.M && column + Side <= product.N)
                {
                    before = product.C.From(row + quarter, column).Memory.Float4s[0];
                }
                Float4 sum = MultiplyTile(product, row, tileColumn, split: 0, splits: 1);
                if (row + quarter < product.M)
                {
                    Store(product, sum, before, row + quarter, column);
                }
            }
        }
    }

    /// <summary>
    /// One warp tile, or one split of it where several warps share its K. A lane gets 4 neighboring columns of one row, the row with the
    /// number of its quarter.
    /// </summary>
    /// <param name="product">The product.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="tileColumn">The tile's first column.</param>
    /// <param name="split">Which of the warps that share the tile this one is.</param>
    /// <param name="splits">How many warps share the tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 MultiplyTile(in TileGemm product, int row, int tileColumn, int split, int splits)
    {
        int column = tileColumn + (WarpLanes.Thread % QuarterThreads * Side);
        int quarter = (split * Quarters) + (WarpLanes.Thread / QuarterThreads);
        return Multiply(product, row, column, quarter * Side, splits * Quarters * Side).SumQuarters();
    }

    // This quarter's part of a thread tile: from firstK on, 4 k-steps in every kStride. A lane beyond N multiplies nothing.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4x4 Multiply(in TileGemm product, int row, int column, int firstK, int kStride)
    {
        MatrixView a = product.A.From(row, 0);
        MatrixView b = product.B.From(0, column);
        int kEnd = column < product.N ? product.K : 0;
        if (b.IsTransposed != 0)
        {
            return Multiply<RightTransposed>(a.Memory, a.RowStride, b.Memory, b.ColumnStride, firstK, kStride, kEnd);
        }
        return a.IsTransposed == 0
            ? Multiply<Plain>(a.Memory, a.RowStride, b.Memory, b.RowStride, firstK, kStride, kEnd)
            : Multiply<LeftTransposed>(a.Memory, a.ColumnStride, b.Memory, b.RowStride, firstK, kStride, kEnd);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4x4 Multiply<TOrder>(ViewMemory a, int aStride, ViewMemory b, int bStride, int firstK, int kStride, int kEnd)
        where TOrder : struct, IOrder
    {
        Float4x4 sum = default;
        ArrayView<Float4> left = a.Float4s;
        ArrayView<Float4> right = b.Float4s;
        int k = firstK;
        // Two steps at a time: the loads of the second do not wait for the first.
        for (; k + kStride + Side <= kEnd; k += 2 * kStride)
        {
            sum = TOrder.AddFour(sum, left, aStride / Side, right, bStride / Side, k);
            sum = TOrder.AddFour(sum, left, aStride / Side, right, bStride / Side, k + kStride);
        }
        for (; k + Side <= kEnd; k += kStride)
        {
            sum = TOrder.AddFour(sum, left, aStride / Side, right, bStride / Side, k);
        }
        // What is left where K is not a multiple of 4: fewer than 4 k-steps, for one quarter.
        for (; k < kEnd; k++)
        {
            sum = TOrder.AddOne(sum, a, aStride, b, bStride, k);
        }
        return TOrder.Result(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(in TileGemm product, Float4 sum, Float4 before, int row, int column)
    {
        ViewMemory target = product.C.From(row, column).Memory;
        if (column + Side <= product.N)
        {
            ArrayView<Float4> float4s = target.Float4s;
            float4s[0] = product.IsAdded == 0 ? sum : Float4.MultiplyAdd(product.Factor, sum, before);
            return;
        }
        StoreValue(product, target, 0, sum.X, column);
        StoreValue(product, target, 1, sum.Y, column);
        StoreValue(product, target, 2, sum.Z, column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void StoreValue(in TileGemm product, ViewMemory target, int index, float sum, int column)
    {
        if (column + index < product.N)
        {
            target.Write(index, product.IsAdded == 0 ? sum : (product.Factor * sum) + target.Read(index));
        }
    }

    /// <summary>
    /// A product for one layout of the operands. Each value is used as soon as it is loaded, so that few registers are taken.
    /// </summary>
    interface IOrder
    {
        /// <summary>The sum + 4 k-steps, from k on; strides are in float4s.</summary>
        static abstract Float4x4 AddFour(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int k);

        /// <summary>The sum + one k-step; strides are in values.</summary>
        static abstract Float4x4 AddOne(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int k);

        /// <summary>The thread tile [rows, columns] of a sum.</summary>
        static abstract Float4x4 Result(Float4x4 sum);
    }

    /// <summary>A·B: a float4 of A lies along K, and one of B along N.</summary>
    readonly struct Plain : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddFour(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int k)
        {
            Float4x4 left = Float4x4.Load(a, k / Side, aStride).Transposed;
            int right = k * bStride;
            return sum
                .MultiplyAdd(left.A, b[right])
                .MultiplyAdd(left.B, b[right + bStride])
                .MultiplyAdd(left.C, b[right + (2 * bStride)])
                .MultiplyAdd(left.D, b[right + (3 * bStride)]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddOne(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int k) =>
            sum.MultiplyAdd(Column(a, aStride, k), b.Float4s[k * (bStride / Side)]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 Result(Float4x4 sum) => sum;
    }

    /// <summary>Aᵀ·B: a float4 of A lies along M, and one of B along N. No transpose is needed.</summary>
    readonly struct LeftTransposed : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddFour(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int k)
        {
            int left = k * aStride;
            int right = k * bStride;
            return sum
                .MultiplyAdd(a[left], b[right])
                .MultiplyAdd(a[left + aStride], b[right + bStride])
                .MultiplyAdd(a[left + (2 * aStride)], b[right + (2 * bStride)])
                .MultiplyAdd(a[left + (3 * aStride)], b[right + (3 * bStride)]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddOne(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int k) =>
            sum.MultiplyAdd(a.Float4s[k * (aStride / Side)], b.Float4s[k * (bStride / Side)]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 Result(Float4x4 sum) => sum;
    }

    /// <summary>A·Bᵀ: a float4 of both lies along K. The sum is kept as a transpose, a row for each column of C.</summary>
    readonly struct RightTransposed : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddFour(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int k)
        {
            int index = k / Side;
            Float4x4 left = Float4x4.Load(a, index, aStride).Transposed;
            return new(
                left.AddTo(sum.A, b[index]),
                left.AddTo(sum.B, b[index + bStride]),
                left.AddTo(sum.C, b[index + (2 * bStride)]),
                left.AddTo(sum.D, b[index + (3 * bStride)]));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddOne(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int k) =>
            sum.MultiplyAdd(Column(b, bStride, k), Column(a, aStride, k));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 Result(Float4x4 sum) => sum.Transposed;
    }

    // The values of 4 rows at the same index.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Column(ViewMemory memory, int stride, int index) => new(
        memory.Read(index), memory.Read(index + stride), memory.Read(index + (2 * stride)), memory.Read(index + (3 * stride)));
}
