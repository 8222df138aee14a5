using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>The FP32 kernel of a matrix product on GPUs, launched by <see cref="GpuGemm"/>.</summary>
/// <remarks>
/// <para>
/// Block tile: a group of 256 threads computes a tile of C, for instance 128 x 128, along K in tiles of A and B, for instance 8 k-steps
/// deep. Warp tile: a warp has 4 x 8 threads, which share most of what they load from shared memory. Thread tile: a thread has up to
/// 8 x 8 outputs in registers. K-step: it loads its 8 values of A and 8 of B, and adds their outer product.
/// </para>
/// <code>
/// for each tile along K:
///     store the staged loads    registers -> shared memory    <see cref="IStagedLoads{TSelf}"/>, <see cref="SharedTile"/>
///     start the next loads      global memory -> registers    <see cref="IOperandMajor"/>, <see cref="IGlobalLoad"/>
///     for each k-step:                                        <see cref="IKSteps"/>
///         thread tile += A[rows, k]·B[k, columns]             <see cref="IThreadTile{TSelf, TRow}"/>
/// </code>
/// <para>
/// The loads of the next tile are in flight while the group computes with this one, which hides their latency. The order of a sum depends
/// on the tile alone: k-steps of a tile in the order of <see cref="SharedTile"/>, tiles along K, then splits.
/// </para>
/// <para>
/// Rows and columns beyond M and N are computed from whatever the clamped loads give, and dropped. K-steps beyond K are zeros; they come
/// first: see <see cref="BlockTile"/>.
/// </para>
/// </remarks>
static class SimtGemm
{
    /// <summary>Threads of a group: 16 x 16.</summary>
    public const int GroupSize = LaunchShape.PreferredGroupSize;

    /// <summary>Half of a block tile of 128 rows or columns, in which a thread has 4 rows or columns of each half.</summary>
    public const int HalfTile = 64;

    /// <summary>Threads across a block tile, and down.</summary>
    public const int ThreadsAcross = 16;

    /// <summary>A tile of C, or of one split of it.</summary>
    /// <typeparam name="TLeft">How A lies in memory.</typeparam>
    /// <typeparam name="TRight">How B lies in memory.</typeparam>
    /// <typeparam name="TLeftLoads">The staged loads of a thread from A.</typeparam>
    /// <typeparam name="TRightLoads">The staged loads of a thread from B.</typeparam>
    /// <typeparam name="TThreadTile">The outputs of a thread.</typeparam>
    /// <typeparam name="TThreadRow">A row of them.</typeparam>
    /// <typeparam name="TKSteps">The k-steps of a tile of A and B.</typeparam>
    /// <param name="a">A [M, K] or its transpose.</param>
    /// <param name="b">B [K, N] or its transpose.</param>
    /// <param name="size">M, K and N.</param>
    /// <param name="kPerSplit">The part of K that one group sums over.</param>
    /// <param name="c">C [splits, M, N].</param>
    /// <param name="isAligned">1 where rows of C begin at multiples of 16 bytes.</param>
    public static void SimtGemmKernel<TLeft, TRight, TLeftLoads, TRightLoads, TThreadTile, TThreadRow, TKSteps>(
        ArrayView<float> a, ArrayView<float> b, GemmSize size, int kPerSplit, ArrayView<float> c, int isAligned)
        where TLeft : struct, IOperandMajor
        where TRight : struct, IOperandMajor
        where TLeftLoads : unmanaged, IStagedLoads<TLeftLoads>
        where TRightLoads : unmanaged, IStagedLoads<TRightLoads>
        where TThreadTile : unmanaged, IThreadTile<TThreadTile, TThreadRow>
        where TThreadRow : unmanaged, IThreadRow<TThreadRow>
        where TKSteps : struct, IKSteps
    {
        var leftTile = SharedTile.Of(ThreadsAcross * TThreadTile.Rows, TKSteps.Count);
        var rightTile = SharedTile.Of(ThreadsAcross * TThreadRow.Count, TKSteps.Count);
        ArrayView<float> leftShared = SharedMemory.Allocate<float>(leftTile.Size);
        ArrayView<float> rightShared = SharedMemory.Allocate<float>(rightTile.Size);
        BlockTile blockTile = BlockTile.Of(size, kPerSplit, leftTile.Lines, rightTile.Lines, TKSteps.Count);

        int thread = Group.IdxX;
        TLeftLoads leftLoads = TLeftLoads.LoadFirst<TLeft>(blockTile.Left(a, size), thread, leftTile);
        TRightLoads rightLoads = TRightLoads.LoadFirst<TRight>(blockTile.Right(b, size), thread, rightTile);
        int leftStride = TLeft.TileStride(size.M, leftTile);
        int rightStride = TRight.TileStride(size.N, rightTile);
        ArrayView<float> leftTarget = leftShared.SubView(TLeft.SharedIndex(thread, leftTile));
        ArrayView<float> rightTarget = rightShared.SubView(TRight.SharedIndex(thread, rightTile));

        // Warp tile: lane l is the thread tile in row l / 8 and column l % 8 of 4 x 8; the 8 warps stand 4 down and 2 across.
        int row = (((thread >> 6) << 2) + ((thread & 31) >> 3)) * IntrinsicMath.Min(TThreadTile.Rows, 4);
        int column = ((((thread >> 5) & 1) << 3) + (thread & 7)) * IntrinsicMath.Min(TThreadRow.Count, 4);
        ArrayView<float> left = leftShared.SubView(row);
        ArrayView<float> right = rightShared.SubView(column);
        TThreadTile threadTile = default;
        for (int tiles = blockTile.KTiles; tiles > 0; tiles--)
        {
            // Race: a thread would overwrite the last tiles while another still computes with them.
            Group.Barrier();
            leftLoads.Store<TLeft>(leftTarget, 0, leftTile);
            rightLoads.Store<TRight>(rightTarget, 0, rightTile);

            // Race: a thread would compute with values that another has not stored yet.
            Group.Barrier();
            leftLoads = leftLoads.LoadNext<TLeft>(a, leftStride);
            rightLoads = rightLoads.LoadNext<TRight>(b, rightStride);
            threadTile = TKSteps.Run<TThreadTile, TThreadRow>(threadTile, left, leftTile.Stride, right, rightTile.Stride, 0);
        }
        threadTile.Store(
            new(c.SubView(blockTile.Split * size.M * size.N), size.M, size.N, isAligned), blockTile.Row + row, blockTile.Column + column);
    }

    /// <summary>C as the sum of its splits, from the first to the last. A thread sums one value at a time.</summary>
    /// <param name="splits">[splits, M, N].</param>
    /// <param name="c">C [M, N].</param>
    public static void SumSplitsKernel(ArrayView<float> splits, ArrayView<float> c)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < c.IntLength; i += stride)
        {
            float sum = splits[i];
            for (int split = c.IntLength; split < splits.IntLength; split += c.IntLength)
            {
                sum += splits[split + i];
            }
            c[i] = sum;
        }
    }
}
