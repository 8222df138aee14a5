using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The matrix product of a tile by a warp. A thread holds four rows of four columns, and moves values by fours: of A and B it takes squares of four
/// by four, sixteen products a value for eight loads of 16 bytes. Eight threads side by side span 32 columns. The warp's four quarters share the
/// depth: each takes every fourth four of it, so that even a tile of four rows, of which a small network has few, is not long on the way. At last the
/// quarters' sums are added in one order, which leaves a row to each.
/// </summary>
/// <remarks>
/// Operands begin at multiples of 16 bytes, and their strides are multiples of four. What lies up to the next multiple of four rows or columns is read,
/// whatever it is; it is not written.
/// </remarks>
static class WarpGemm
{
    const int QuarterThreads = 8;

    const int Side = Float4.Count;

    const int Quarters = 4;

    /// <summary>Runs the product.</summary>
    /// <param name="product">The product and its operands.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run(in TileGemm product)
    {
        int quarter = WarpLanes.Thread / QuarterThreads;
        int firstColumn = WarpLanes.Thread % QuarterThreads * Side;
        for (int row = 0; row < product.M; row += Side)
        {
            for (int tile = 0; tile < product.N; tile += QuarterThreads * Side)
            {
                int column = tile + firstColumn;
                // What is added to is asked for first: memory takes as long as the product.
                Float4 before = default;
                if (product.IsAdded != 0 && row + quarter < product.M && column + Side <= product.N)
                {
                    before = product.C.From(row + quarter, column).Memory.Float4s[0];
                }
                Float4 sum = Block(product, row, tile, slice: 0, slices: 1);
                if (row + quarter < product.M)
                {
                    Store(product, sum, before, row + quarter, column);
                }
            }
        }
    }

    /// <summary>
    /// A block of four rows and 32 columns, or the part of it that comes from a slice of the depth, where several warps share it: this thread's four
    /// neighboring columns, of the row that its quarter's number names.
    /// </summary>
    /// <param name="product">The product and its operands.</param>
    /// <param name="row">The block's first row.</param>
    /// <param name="tile">Its first column.</param>
    /// <param name="slice">Which warp of those that share the block.</param>
    /// <param name="slices">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Block(in TileGemm product, int row, int tile, int slice, int slices)
    {
        int column = tile + (WarpLanes.Thread % QuarterThreads * Side);
        int quarter = (slice * Quarters) + (WarpLanes.Thread / QuarterThreads);
        return Multiply(product, row, column, quarter * Side, slices * Quarters * Side).SumQuarters();
    }

    // The part of a square of the product that comes from this quarter's depth: four steps in every round.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4x4 Multiply(in TileGemm product, int row, int column, int firstDepth, int round)
    {
        MatrixView a = product.A.From(row, 0);
        MatrixView b = product.B.From(0, column);
        int depth = column < product.N ? product.K : 0;
        if (b.IsTransposed != 0)
        {
            return Multiply<RightTransposed>(a.Memory, a.RowStride, b.Memory, b.ColumnStride, firstDepth, round, depth);
        }
        return a.IsTransposed == 0
            ? Multiply<Plain>(a.Memory, a.RowStride, b.Memory, b.RowStride, firstDepth, round, depth)
            : Multiply<LeftTransposed>(a.Memory, a.ColumnStride, b.Memory, b.RowStride, firstDepth, round, depth);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4x4 Multiply<TOrder>(ViewMemory a, int aStride, ViewMemory b, int bStride, int firstDepth, int round, int depth)
        where TOrder : struct, IOrder
    {
        Float4x4 sum = default;
        ArrayView<Float4> left = a.Float4s;
        ArrayView<Float4> right = b.Float4s;
        int k = firstDepth;
        // Two squares are on their way at a time.
        for (; k + round + Side <= depth; k += 2 * round)
        {
            sum = TOrder.AddSquares(sum, left, aStride / Side, right, bStride / Side, k);
            sum = TOrder.AddSquares(sum, left, aStride / Side, right, bStride / Side, k + round);
        }
        for (; k + Side <= depth; k += round)
        {
            sum = TOrder.AddSquares(sum, left, aStride / Side, right, bStride / Side, k);
        }
        for (; k < depth; k++)
        {
            sum = TOrder.AddStep(sum, a, aStride, b, bStride, k);
        }
        return TOrder.Result(sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Store(in TileGemm product, Float4 sum, Float4 before, int row, int column)
    {
        ViewMemory target = product.C.From(row, column).Memory;
        if (column + Side <= product.N)
        {
            ArrayView<Float4> fours = target.Float4s;
            fours[0] = product.IsAdded == 0 ? sum : Float4.MultiplyAdd(product.Factor, sum, before);
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

    /// <summary>How the operands lie. What is loaded is used at once, so that few registers wait.</summary>
    interface IOrder
    {
        /// <summary>The sum + four steps of the depth; strides are in fours.</summary>
        static abstract Float4x4 AddSquares(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int depth);

        /// <summary>The sum + one step of the depth.</summary>
        static abstract Float4x4 AddStep(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int depth);

        /// <summary>The sum, a row for each row of A.</summary>
        static abstract Float4x4 Result(Float4x4 sum);
    }

    /// <summary>A·B: neighbors are steps of the depth in A, and columns in B.</summary>
    readonly struct Plain : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddSquares(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int depth)
        {
            Float4x4 left = Float4x4.Load(a, depth / Side, aStride).Transposed;
            int place = depth * bStride;
            return sum
                .MultiplyAdd(left.A, b[place])
                .MultiplyAdd(left.B, b[place + bStride])
                .MultiplyAdd(left.C, b[place + (2 * bStride)])
                .MultiplyAdd(left.D, b[place + (3 * bStride)]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddStep(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int depth) =>
            sum.MultiplyAdd(Column(a, aStride, depth), b.Float4s[depth * (bStride / Side)]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 Result(Float4x4 sum) => sum;
    }

    /// <summary>Aᵀ·B: neighbors are rows and columns of the product.</summary>
    readonly struct LeftTransposed : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddSquares(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int depth)
        {
            int left = depth * aStride;
            int right = depth * bStride;
            return sum
                .MultiplyAdd(a[left], b[right])
                .MultiplyAdd(a[left + aStride], b[right + bStride])
                .MultiplyAdd(a[left + (2 * aStride)], b[right + (2 * bStride)])
                .MultiplyAdd(a[left + (3 * aStride)], b[right + (3 * bStride)]);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddStep(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int depth) =>
            sum.MultiplyAdd(a.Float4s[depth * (aStride / Side)], b.Float4s[depth * (bStride / Side)]);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 Result(Float4x4 sum) => sum;
    }

    /// <summary>A·Bᵀ: neighbors are steps of the depth in both. The sum has a row for each column of the product.</summary>
    readonly struct RightTransposed : IOrder
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddSquares(Float4x4 sum, ArrayView<Float4> a, int aStride, ArrayView<Float4> b, int bStride, int depth)
        {
            int place = depth / Side;
            Float4x4 left = Float4x4.Load(a, place, aStride).Transposed;
            return new(
                left.AddTo(sum.A, b[place]),
                left.AddTo(sum.B, b[place + bStride]),
                left.AddTo(sum.C, b[place + (2 * bStride)]),
                left.AddTo(sum.D, b[place + (3 * bStride)]));
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 AddStep(Float4x4 sum, ViewMemory a, int aStride, ViewMemory b, int bStride, int depth) =>
            sum.MultiplyAdd(Column(b, bStride, depth), Column(a, aStride, depth));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static Float4x4 Result(Float4x4 sum) => sum.Transposed;
    }

    // The values of four rows at one place.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Column(ViewMemory memory, int stride, int place) => new(
        memory.Read(place), memory.Read(place + stride), memory.Read(place + (2 * stride)), memory.Read(place + (3 * stride)));
}

/// <summary>Four rows of four values, in registers.</summary>
/// <param name="A">The first row.</param>
/// <param name="B">The second row.</param>
/// <param name="C">The third row.</param>
/// <param name="D">The fourth row.</param>
readonly record struct Float4x4(Float4 A, Float4 B, Float4 C, Float4 D)
{
    /// <summary>Rows and columns exchanged: other names for the same registers.</summary>
    public Float4x4 Transposed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(new(A.X, B.X, C.X, D.X), new(A.Y, B.Y, C.Y, D.Y), new(A.Z, B.Z, C.Z, D.Z), new(A.W, B.W, C.W, D.W));
    }

    /// <summary>Four rows of a matrix.</summary>
    /// <param name="memory">The matrix in fours.</param>
    /// <param name="place">Where the first row's four is.</param>
    /// <param name="stride">From a row to the next, in fours.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4x4 Load(ArrayView<Float4> memory, int place, int stride) =>
        new(memory[place], memory[place + stride], memory[place + (2 * stride)], memory[place + (3 * stride)]);

    /// <summary>This + the products of one value for each row with the same four.</summary>
    /// <param name="a">The values.</param>
    /// <param name="b">The four.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4x4 MultiplyAdd(Float4 a, Float4 b) =>
        new(Float4.MultiplyAdd(a.X, b, A), Float4.MultiplyAdd(a.Y, b, B), Float4.MultiplyAdd(a.Z, b, C), Float4.MultiplyAdd(a.W, b, D));

    /// <summary>A sum + each row times its value of a four, from the first row to the last.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="factors">The values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 AddTo(Float4 sum, Float4 factors) => Float4.MultiplyAdd(
        factors.W, D, Float4.MultiplyAdd(factors.Z, C, Float4.MultiplyAdd(factors.Y, B, Float4.MultiplyAdd(factors.X, A, sum))));

    /// <summary>The sum over the warp's four quarters, the threads with the same last three bits: its row is the one that the quarter's number names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 SumQuarters() => Float4.Fold(Float4.Fold(A, C, 16), Float4.Fold(B, D, 16), 8);
}
