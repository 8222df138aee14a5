using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>
/// The kernel of a matrix product on tensor cores, in TF32. It goes as <see cref="GroupProduct"/> does, with warps in place of threads. Shared
/// memory has room for two tiles of each operand, though: while warps compute with the one, they fill the other. A multiprocessor has the registers
/// for two groups: while the warps of one wait for each other, those of the other multiply.
/// </summary>
static class TensorProduct
{
    /// <summary>Threads of a group: of the warps that a tile of C is shared by.</summary>
    public const int GroupSize = WarpsDown * WarpsAcross * WarpLanes.Lanes;

    const int WarpsDown = FragmentTile.Length / WarpBlock.Rows;
    const int WarpsAcross = FragmentTile.Length / WarpBlock.Columns;

    // Two buffers, each with a tile of A and then one of B.
    const int BufferSize = 2 * FragmentTile.Size;

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
        where TLeft : struct, IFragmentLayout
        where TRight : struct, IFragmentLayout
        where TTensorCore : struct, ITensorCore
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(2 * BufferSize);
        GroupWork work = GroupWork.Of(size, sliceDepth, FragmentTile.Length, FragmentTile.Length, FragmentTile.Depth);

        int thread = Group.IdxX;
        int leftRow = TLeft.Row(size.Rows, size.Depth);
        int rightRow = TRight.Row(size.Columns, size.Depth);
        int leftTarget = TLeft.SharedPlace(thread);
        int rightTarget = FragmentTile.Size + TRight.SharedPlace(thread);
        FragmentPieces leftPieces = FragmentPieces.ReadFirst<TLeft>(work.Left(a, size), leftRow, thread);
        FragmentPieces rightPieces = FragmentPieces.ReadFirst<TRight>(work.Right(b, size), rightRow, thread);
        leftPieces.Store<TLeft, LeftOperand, TTensorCore>(shared.SubView(leftTarget));
        rightPieces.Store<TRight, RightOperand, TTensorCore>(shared.SubView(rightTarget));
        leftPieces = leftPieces.ReadNext<TLeft>(a, leftRow);
        rightPieces = rightPieces.ReadNext<TRight>(b, rightRow);

        int lane = thread & (WarpLanes.Lanes - 1);
        int warp = thread >> 5;
        int row = TileSide.Remainder(warp, WarpsDown) * WarpBlock.Rows;
        int column = TileSide.Quotient(warp, WarpsDown) * WarpBlock.Columns;
        int place = FragmentTile.Place(lane >> 2, lane & 3);
        int left = (row * FragmentTile.LineFours) + place;
        int right = FragmentTile.Size + (column * FragmentTile.LineFours) + place;
        WarpBlock block = default;
        WarpFragments last = default;
        int toOther = BufferSize;
        for (int tiles = work.Tiles; tiles > 0; tiles--)
        {
            // All have brought their pieces of this tile, and have taken from the one before what they needed.
            Group.Barrier();
            WarpFragments fragments = WarpFragments.Load(shared.SubView(left), shared.SubView(right));

            // CUDA's assembler would bring forward the loads from global memory, and with them the roundings that free their registers: tensor cores
            // would wait. It moves none past this barrier.
            Warp.Barrier();
            leftTarget += toOther;
            rightTarget += toOther;
            leftPieces.Store<TLeft, LeftOperand, TTensorCore>(shared.SubView(leftTarget));
            rightPieces.Store<TRight, RightOperand, TTensorCore>(shared.SubView(rightTarget));
            leftPieces = leftPieces.ReadNext<TLeft>(a, leftRow);
            rightPieces = rightPieces.ReadNext<TRight>(b, rightRow);

            // The last fragments of the tile before: tensor cores have something to do until those of this one are loaded.
            block = block.MultiplyAdd<TTensorCore>(last);
            last = WarpFragments.Load(shared.SubView(left + FragmentTile.Step), shared.SubView(right + FragmentTile.Step));
            block = block.MultiplyAdd<TTensorCore>(fragments);
            left += toOther;
            right += toOther;
            toOther = -toOther;
        }
        block = block.MultiplyAdd<TTensorCore>(last);
        block.Store(
            new(c.SubView(work.Slice * size.Rows * size.Columns), size.Rows, size.Columns, isAligned), work.Row + row, work.Column + column, lane);
    }
}
