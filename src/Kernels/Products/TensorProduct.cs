using ILGPU;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>
/// The kernel of a matrix product on tensor cores, in TF32. It goes as <see cref="GroupProduct"/> does, with warps in place of threads: eight of
/// them, two above each other and four side by side, compute a tile of 128 rows and 256 columns.
/// </summary>
static class TensorProduct
{
    /// <summary>Rows of the tile of C: two warps above each other.</summary>
    public const int Rows = 2 * WarpBlock.Rows;

    /// <summary>Columns of the tile of C: four warps side by side.</summary>
    public const int Columns = 4 * WarpBlock.Columns;

    /// <summary>Threads of a group: eight warps.</summary>
    public const int Threads = 256;

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
        // Strides of 8 beyond a multiple of 32: the 4 steps and 8 rows or columns of a fragment are in 32 different banks.
        var leftSide = new TileSide(Rows, Depth, Rows + 8, Depth / 4, Threads);
        var rightSide = new TileSide(Columns, Depth, Columns + 8, Depth / 4, Threads);
        ArrayView<float> leftTile = SharedMemory.Allocate<float>(leftSide.Size);
        ArrayView<float> rightTile = SharedMemory.Allocate<float>(rightSide.Size);
        GroupWork work = GroupWork.Of(size, sliceDepth, Rows, Columns, Depth);

        int thread = Group.IdxX;
        Both<OnePiece> leftPieces = Both<OnePiece>.ReadFirst<TLeft>(work.Left(a, size), thread, leftSide);
        Both<Both<OnePiece>> rightPieces = Both<Both<OnePiece>>.ReadFirst<TRight>(work.Right(b, size), thread, rightSide);
        int leftStep = TLeft.Step(size.Rows, leftSide);
        int rightStep = TRight.Step(size.Columns, rightSide);
        ArrayView<float> leftTarget = leftTile.SubView(TLeft.SharedPlace(thread, leftSide));
        ArrayView<float> rightTarget = rightTile.SubView(TRight.SharedPlace(thread, rightSide));

        int warp = thread >> 5;
        int row = (warp & 1) * WarpBlock.Rows;
        int column = (warp >> 1) * WarpBlock.Columns;
        int outer = (thread & 31) >> 2;
        int inner = thread & 3;
        ArrayView<float> left = leftTile.SubView((inner * leftSide.Stride) + row + outer);
        ArrayView<float> right = rightTile.SubView((inner * rightSide.Stride) + column + outer);
        WarpBlock block = default;
        for (int tiles = work.Tiles; tiles > 0; tiles--)
        {
            // No thread may overwrite the tiles while another still computes with them.
            Group.Barrier();
            leftPieces.Rounded<TTensorCore>().Store<TLeft>(leftTarget, 0, leftSide);
            rightPieces.Rounded<TTensorCore>().Store<TRight>(rightTarget, 0, rightSide);

            // No thread may compute before all have brought their pieces.
            Group.Barrier();
            leftPieces = leftPieces.ReadNext<TLeft>(a, leftStep);
            rightPieces = rightPieces.ReadNext<TRight>(b, rightStep);
            block = block.MultiplyAdd<TTensorCore>(left, leftSide.Stride, right, rightSide.Stride);
            block = block.MultiplyAdd<TTensorCore>(
                left.SubView(WarpBlock.Depth * leftSide.Stride), leftSide.Stride, right.SubView(WarpBlock.Depth * rightSide.Stride), rightSide.Stride);
        }
        block.Store(
            new(c.SubView(work.Slice * size.Rows * size.Columns), size.Rows, size.Columns, isAligned),
            work.Row + row + outer, work.Column + column + (2 * inner));
    }
}
