using ILGPU;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>
/// The kernel of a matrix product on tensor cores, in TF32. It goes as <see cref="GroupProduct"/> does, with warps in place of threads: eight of
/// them, two above each other and four side by side, compute a tile of 128 rows and columns.
/// </summary>
static class TensorProduct
{
    /// <summary>The side of the tile of C.</summary>
    public const int Side = 128;

    /// <summary>The depth of the tiles of A and B: two multiplications.</summary>
    public const int Depth = 2 * WarpBlock.Depth;

    /// <summary>A tile of C, or its sum over a slice of the depth.</summary>
    /// <typeparam name="TLeft">How A lies in memory.</typeparam>
    /// <typeparam name="TRight">How B lies in memory.</typeparam>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="a">A [rows, depth] or its transpose.</param>
    /// <param name="b">B [depth, columns] or its transpose.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="sliceDepth">The depth that one group sums over.</param>
    /// <param name="c">C for each slice [slices, rows, columns].</param>
    /// <param name="isAligned">1 where rows of C begin at multiples of 16 bytes.</param>
    public static void TensorProductKernel<TLeft, TRight, TTensorCore>(
        ArrayView<float> a, ArrayView<float> b, ProductSize size, int sliceDepth, ArrayView<float> c, int isAligned)
        where TLeft : struct, ILayout
        where TRight : struct, ILayout
        where TTensorCore : struct, ITensorCore
    {
        // A stride of 8 beyond a multiple of 32: the 4 steps and 8 rows or columns of a fragment are in 32 different banks.
        var side = new TileSide(Side, Depth, Side + 8, Depth / 4);
        ArrayView<float> leftTile = SharedMemory.Allocate<float>(side.Size);
        ArrayView<float> rightTile = SharedMemory.Allocate<float>(side.Size);
        GroupWork work = GroupWork.Of(size, sliceDepth, Side, Side, Depth);

        int thread = Group.IdxX;
        Both<OnePiece> leftPieces = Both<OnePiece>.ReadFirst<TLeft>(work.Left(a, size), thread, side);
        Both<OnePiece> rightPieces = Both<OnePiece>.ReadFirst<TRight>(work.Right(b, size), thread, side);
        int leftStep = TLeft.Step(size.Rows, side);
        int rightStep = TRight.Step(size.Columns, side);
        ArrayView<float> leftTarget = leftTile.SubView(TLeft.SharedPlace(thread, side));
        ArrayView<float> rightTarget = rightTile.SubView(TRight.SharedPlace(thread, side));

        int warp = thread >> 5;
        int row = (warp & 1) * WarpBlock.Rows;
        int column = (warp >> 1) * WarpBlock.Columns;
        int outer = (thread & 31) >> 2;
        int inner = thread & 3;
        ArrayView<float> left = leftTile.SubView((inner * side.Stride) + row + outer);
        ArrayView<float> right = rightTile.SubView((inner * side.Stride) + column + outer);
        WarpBlock block = default;
        for (int tiles = work.Tiles; tiles > 0; tiles--)
        {
            // No thread may overwrite the tiles while another still computes with them.
            Group.Barrier();
            leftPieces.Rounded<TTensorCore>().Store<TLeft>(leftTarget, 0, side);
            rightPieces.Rounded<TTensorCore>().Store<TRight>(rightTarget, 0, side);

            // No thread may compute before all have brought their pieces.
            Group.Barrier();
            leftPieces = leftPieces.ReadNext<TLeft>(a, leftStep);
            rightPieces = rightPieces.ReadNext<TRight>(b, rightStep);
            block = TTensorCore.MultiplyAdd(block, LeftFragments.Load(left, side.Stride), RightFragments.Load(right, side.Stride));
            block = TTensorCore.MultiplyAdd(
                block,
                LeftFragments.Load(left.SubView(WarpBlock.Depth * side.Stride), side.Stride),
                RightFragments.Load(right.SubView(WarpBlock.Depth * side.Stride), side.Stride));
        }
        block.Store(
            new(c.SubView(work.Slice * size.Rows * size.Columns), size.Rows, size.Columns, isAligned),
            work.Row + row + outer, work.Column + column + (2 * inner));
    }
}
