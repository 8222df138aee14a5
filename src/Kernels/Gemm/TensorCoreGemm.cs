using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The kernel of a matrix product on tensor cores, in TF32. It goes as <see cref="SimtGemm"/> does, with warps in place of threads. Shared
/// memory has room for two tiles of each operand, though: while warps compute with the one, they fill the other. A multiprocessor has the registers
/// for two groups: while the warps of one wait for each other, those of the other multiply.
/// </summary>
static class TensorCoreGemm
{
    /// <summary>Threads of a group: of the warps that a tile of C is shared by.</summary>
    public const int GroupSize = WarpsDown * WarpsAcross * WarpLanes.Lanes;

    const int WarpsDown = SharedFragments.Length / WarpTile.Rows;
    const int WarpsAcross = SharedFragments.Length / WarpTile.Columns;

    // Two buffers, each with a tile of A and then one of B.
    const int BufferSize = 2 * SharedFragments.Size;

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
    public static void TensorCoreGemmKernel<TLeft, TRight, TTensorCore>(
        ArrayView<float> a, ArrayView<float> b, GemmSize size, int sliceDepth, ArrayView<float> c, int isAligned)
        where TLeft : struct, IFragmentMajor
        where TRight : struct, IFragmentMajor
        where TTensorCore : struct, ITensorCore
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(2 * BufferSize);
        BlockTile work = BlockTile.Of(size, sliceDepth, SharedFragments.Length, SharedFragments.Length, SharedFragments.K);

        int thread = Group.IdxX;
        int leftRow = TLeft.Row(size.M, size.K);
        int rightRow = TRight.Row(size.N, size.K);
        int leftTarget = TLeft.SharedIndex(thread);
        int rightTarget = SharedFragments.Size + TRight.SharedIndex(thread);
        FragmentLoads leftPieces = FragmentLoads.ReadFirst<TLeft>(work.Left(a, size), leftRow, thread);
        FragmentLoads rightPieces = FragmentLoads.ReadFirst<TRight>(work.Right(b, size), rightRow, thread);
        leftPieces.Store<TLeft, LeftOperand, TTensorCore>(shared.SubView(leftTarget));
        rightPieces.Store<TRight, RightOperand, TTensorCore>(shared.SubView(rightTarget));
        leftPieces = leftPieces.ReadNext<TLeft>(a, leftRow);
        rightPieces = rightPieces.ReadNext<TRight>(b, rightRow);

        int lane = thread & (WarpLanes.Lanes - 1);
        int warp = thread >> 5;
        int row = SharedTile.Remainder(warp, WarpsDown) * WarpTile.Rows;
        int column = SharedTile.Quotient(warp, WarpsDown) * WarpTile.Columns;
        int place = SharedFragments.Index(lane >> 2, lane & 3);
        int left = (row * SharedFragments.LineFloat4s) + place;
        int right = SharedFragments.Size + (column * SharedFragments.LineFloat4s) + place;
        WarpTile block = default;
        WarpFragments last = default;
        int toOther = BufferSize;
        for (int tiles = work.KTiles; tiles > 0; tiles--)
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
            last = WarpFragments.Load(shared.SubView(left + SharedFragments.Step), shared.SubView(right + SharedFragments.Step));
            block = block.MultiplyAdd<TTensorCore>(fragments);
            left += toOther;
            right += toOther;
            toOther = -toOther;
        }
        block = block.MultiplyAdd<TTensorCore>(last);
        block.Store(
            new(c.SubView(work.Split * size.M * size.N), size.M, size.N, isAligned), work.Row + row, work.Column + column, lane);
    }
}
