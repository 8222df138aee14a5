using ILGPU;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>
/// The kernel of a matrix product on tensor cores, in TF32. It goes as <see cref="GroupProduct"/> does, with warps in place of threads. Shared
/// memory has room for two tiles of each operand, though: while warps compute with the one, they fill the other.
/// </summary>
static class TensorProduct
{
    /// <summary>Rows of a warp's part of the tile of C.</summary>
    public const int WarpRows = FragmentBlock.Rows;

    /// <summary>Columns of a warp's part of the tile of C.</summary>
    public const int WarpColumns = 2 * FragmentBlock.Columns;

    /// <summary>Threads of a warp.</summary>
    public const int WarpThreads = 32;

    // From B's fragments for the first part of a warp's outputs to those for the second.
    const int BlockSize = FragmentTile.Block * FragmentTile.Depth;

    /// <summary>A tile of C, or its sum over a slice of the depth.</summary>
    /// <typeparam name="TLeft">How A lies in memory.</typeparam>
    /// <typeparam name="TRight">How B lies in memory.</typeparam>
    /// <typeparam name="TLeftPieces">What a thread brings of a tile of A.</typeparam>
    /// <typeparam name="TRightPieces">What a thread brings of a tile of B.</typeparam>
    /// <typeparam name="TGrid">The warps of a group.</typeparam>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="a">A [rows, depth] or its transpose.</param>
    /// <param name="b">B [depth, columns] or its transpose.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="sliceDepth">The depth that one group sums over.</param>
    /// <param name="c">C for each slice [slices, rows, columns].</param>
    /// <param name="isAligned">1 where rows of C begin at multiples of 16 bytes.</param>
    public static void TensorProductKernel<TLeft, TRight, TLeftPieces, TRightPieces, TGrid, TTensorCore>(
        ArrayView<float> a, ArrayView<float> b, ProductSize size, int sliceDepth, ArrayView<float> c, int isAligned)
        where TLeft : struct, IFragmentLayout
        where TRight : struct, IFragmentLayout
        where TLeftPieces : unmanaged, IFragmentPieces<TLeftPieces>
        where TRightPieces : unmanaged, IFragmentPieces<TRightPieces>
        where TGrid : struct, IWarpGrid
        where TTensorCore : struct, ITensorCore
    {
        var leftSide = new FragmentTile(TGrid.Down * WarpRows, TGrid.Down * TGrid.Across * WarpThreads);
        var rightSide = new FragmentTile(TGrid.Across * WarpColumns, TGrid.Down * TGrid.Across * WarpThreads);
        ArrayView<float> leftTiles = SharedMemory.Allocate<float>(2 * leftSide.Size);
        ArrayView<float> rightTiles = SharedMemory.Allocate<float>(2 * rightSide.Size);
        GroupWork work = GroupWork.Of(size, sliceDepth, leftSide.Length, rightSide.Length, FragmentTile.Depth);

        int thread = Group.IdxX;
        int leftRow = TLeft.Row(size.Rows, size.Depth);
        int rightRow = TRight.Row(size.Columns, size.Depth);
        ArrayView<float> leftTarget = leftTiles.SubView(TLeft.SharedPlace(thread, leftSide));
        ArrayView<float> rightTarget = rightTiles.SubView(TRight.SharedPlace(thread, rightSide));
        TLeftPieces leftPieces = TLeftPieces.ReadFirst<TLeft>(work.Left(a, size), leftRow, thread, leftSide);
        TRightPieces rightPieces = TRightPieces.ReadFirst<TRight>(work.Right(b, size), rightRow, thread, rightSide);
        leftPieces.Store<TLeft, LeftOperand, TTensorCore>(leftTarget, 0, leftSide);
        rightPieces.Store<TRight, RightOperand, TTensorCore>(rightTarget, 0, rightSide);
        leftPieces = leftPieces.ReadNext<TLeft>(a, leftRow);
        rightPieces = rightPieces.ReadNext<TRight>(b, rightRow);

        int lane = thread & (WarpThreads - 1);
        int warp = thread >> 5;
        int row = (warp & (TGrid.Down - 1)) * WarpRows;
        int column = TileSide.Quotient(warp, TGrid.Down) * WarpColumns;
        int place = FragmentTile.Place(lane >> 2, lane & 3);
        ArrayView<float> left = leftTiles.SubView((row * FragmentTile.Depth) + place);
        ArrayView<float> right = rightTiles.SubView((column * FragmentTile.Depth) + place);
        FragmentBlock first = default;
        FragmentBlock second = default;
        int current = 0;
        for (int tiles = work.Tiles; tiles > 0; tiles--)
        {
            // All have brought their pieces of this tile, and no one computes any longer with what the next one overwrites.
            Group.Barrier();
            ArrayView<float> leftTile = left.SubView(current * leftSide.Size);
            ArrayView<float> rightTile = right.SubView(current * rightSide.Size);
            current = 1 - current;
            LeftFragments rows = LeftFragments.Load(leftTile);
            first = TTensorCore.MultiplyAdd(first, rows, RightFragments.Load(rightTile));
            second = TTensorCore.MultiplyAdd(second, rows, RightFragments.Load(rightTile.SubView(BlockSize)));
            rows = LeftFragments.Load(leftTile.SubView(FragmentTile.Step));
            RightFragments columns = RightFragments.Load(rightTile.SubView(FragmentTile.Step));
            RightFragments lastColumns = RightFragments.Load(rightTile.SubView(BlockSize + FragmentTile.Step));
            leftPieces.Store<TLeft, LeftOperand, TTensorCore>(leftTarget.SubView(current * leftSide.Size), 0, leftSide);
            rightPieces.Store<TRight, RightOperand, TTensorCore>(rightTarget.SubView(current * rightSide.Size), 0, rightSide);
            leftPieces = leftPieces.ReadNext<TLeft>(a, leftRow);
            rightPieces = rightPieces.ReadNext<TRight>(b, rightRow);
            first = TTensorCore.MultiplyAdd(first, rows, columns);
            second = TTensorCore.MultiplyAdd(second, rows, lastColumns);
        }
        var product = new ProductMatrix(c.SubView(work.Slice * size.Rows * size.Columns), size.Rows, size.Columns, isAligned);
        first.Store(product, work.Row + row, work.Column + column, lane);
        second.Store(product, work.Row + row, work.Column + column + FragmentBlock.Columns, lane);
    }
}
