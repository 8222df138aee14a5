using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The TF32 kernel of a matrix product on the tensor cores of CUDA GPUs, launched by <see cref="GpuGemm"/>. Operands are rounded to TF32,
/// sums are FP32.
/// </summary>
/// <remarks>
/// <para>
/// Block tile: a group of 4 warps computes a tile of 128 x 128 outputs, along K in tiles of A and B that are 16 k-steps deep. Warp tile: a
/// warp has 64 x 64 outputs, 4 x 8 fragments of 16 x 8. There is no thread tile: the warp multiplies as a whole, in steps of 8 along K,
/// two for each tile of A and B.
/// </para>
/// <code>
/// for each tile along K:
///     load the fragments        shared memory -> registers    <see cref="WarpFragments"/>
///     store the staged loads    registers -> shared memory    <see cref="FragmentLoads"/>, <see cref="SharedFragments"/>
///     start the next loads      global memory -> registers    <see cref="IFragmentMajor"/>, <see cref="IGlobalLoad"/>
///     warp tile += A·B                                        <see cref="WarpTile"/>, <see cref="ITensorCore"/>
/// </code>
/// <para>
/// Unlike <see cref="SimtGemm"/>, shared memory has two buffers: warps fill one while they compute with the other, and need one barrier for
/// each tile. A multiprocessor has registers for two groups: while the warps of one wait for each other, those of the other multiply.
/// </para>
/// </remarks>
static class TensorCoreGemm
{
    /// <summary>Threads of a group: 2 x 2 warps.</summary>
    public const int GroupSize = WarpsDown * WarpsAcross * WarpLanes.Lanes;

    const int WarpsDown = SharedFragments.Lines / WarpTile.Rows;
    const int WarpsAcross = SharedFragments.Lines / WarpTile.Columns;

    // Float4s of a buffer: a tile of A and then one of B.
    const int BufferSize = 2 * SharedFragments.Size;

    /// <summary>A tile of C, or of one split of it.</summary>
    /// <typeparam name="TLeft">How A lies in memory.</typeparam>
    /// <typeparam name="TRight">How B lies in memory.</typeparam>
    /// <typeparam name="TTensorCore">The tensor cores.</typeparam>
    /// <param name="a">A [M, K] or its transpose.</param>
    /// <param name="b">B [K, N] or its transpose.</param>
    /// <param name="size">M, K and N.</param>
    /// <param name="kPerSplit">The part of K that one group sums over.</param>
    /// <param name="c">C [splits, M, N].</param>
    /// <param name="isAligned">1 where rows of C begin at multiples of 16 bytes.</param>
    public static void TensorCoreGemmKernel<TLeft, TRight, TTensorCore>(
        ArrayView<float> a, ArrayView<float> b, GemmSize size, int kPerSplit, ArrayView<float> c, int isAligned)
        where TLeft : struct, IFragmentMajor
        where TRight : struct, IFragmentMajor
        where TTensorCore : struct, ITensorCore
    {
        ArrayView<Float4> shared = SharedMemory.Allocate<Float4>(2 * BufferSize);
        BlockTile blockTile = BlockTile.Of(size, kPerSplit, SharedFragments.Lines, SharedFragments.Lines, SharedFragments.K);

        int thread = Group.IdxX;
        int leftStride = TLeft.RowStride(size.M, size.K);
        int rightStride = TRight.RowStride(size.N, size.K);
        int leftTarget = TLeft.SharedIndex(thread);
        int rightTarget = SharedFragments.Size + TRight.SharedIndex(thread);
        FragmentLoads leftLoads = FragmentLoads.LoadFirst<TLeft>(blockTile.Left(a, size), leftStride, thread);
        FragmentLoads rightLoads = FragmentLoads.LoadFirst<TRight>(blockTile.Right(b, size), rightStride, thread);
        leftLoads.Store<TLeft, LeftOperand, TTensorCore>(shared.SubView(leftTarget));
        rightLoads.Store<TRight, RightOperand, TTensorCore>(shared.SubView(rightTarget));
        leftLoads = leftLoads.LoadNext<TLeft>(a, leftStride);
        rightLoads = rightLoads.LoadNext<TRight>(b, rightStride);

        int lane = thread & (WarpLanes.Lanes - 1);
        int warp = thread >> 5;
        int row = SharedTile.Remainder(warp, WarpsDown) * WarpTile.Rows;
        int column = SharedTile.Quotient(warp, WarpsDown) * WarpTile.Columns;
        int laneOffset = SharedFragments.Index(lane >> 2, lane & 3);
        int left = (row * SharedFragments.Float4sPerLine) + laneOffset;
        int right = SharedFragments.Size + (column * SharedFragments.Float4sPerLine) + laneOffset;
        WarpTile warpTile = default;
        WarpFragments last = default;
        int toOtherBuffer = BufferSize;
        for (int tiles = blockTile.KTiles; tiles > 0; tiles--)
        {
            // Races: a warp would load from this buffer values that another has not stored yet, or store to the other buffer while another
            // warp still loads its last fragments from there.
            Group.Barrier();
            WarpFragments fragments = WarpFragments.Load(shared.SubView(left), shared.SubView(right));

            // No race, but a fence for CUDA's assembler: it would move the next loads from global memory up, and with them the roundings
            // that free their registers, and tensor cores would wait. It moves none past a barrier.
            Warp.Barrier();
            leftTarget += toOtherBuffer;
            rightTarget += toOtherBuffer;
            leftLoads.Store<TLeft, LeftOperand, TTensorCore>(shared.SubView(leftTarget));
            rightLoads.Store<TRight, RightOperand, TTensorCore>(shared.SubView(rightTarget));
            leftLoads = leftLoads.LoadNext<TLeft>(a, leftStride);
            rightLoads = rightLoads.LoadNext<TRight>(b, rightStride);

            // The second multiplication of the last tile: it keeps tensor cores busy until the fragments of this tile are loaded.
            warpTile = warpTile.MultiplyAdd<TTensorCore>(last);
            last = WarpFragments.Load(
                shared.SubView(left + SharedFragments.MultiplicationStride), shared.SubView(right + SharedFragments.MultiplicationStride));
            warpTile = warpTile.MultiplyAdd<TTensorCore>(fragments);
            left += toOtherBuffer;
            right += toOtherBuffer;
            toOtherBuffer = -toOtherBuffer;
        }
        warpTile = warpTile.MultiplyAdd<TTensorCore>(last);
        warpTile.Store(
            new(c.SubView(blockTile.Split * size.M * size.N), size.M, size.N, isAligned),
            blockTile.Row + row, blockTile.Column + column, lane);
    }
}
