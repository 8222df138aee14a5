using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The kernel of a matrix product on a GPU. A group computes a tile of C: step by step along the depth it brings a tile of A and a tile of B
/// into shared memory, and each thread multiplies its rows of the one by its columns of the other, in registers. While it computes, the next
/// tiles are on their way to registers.
/// </summary>
/// <remarks>
/// The terms of an inner product are added one after another, those of a tile in the tile's own order. Rows and columns beyond C are computed from whatever stands
/// there, and dropped; steps beyond the depth are zeros, and come first, so that the loop needs no guard.
/// </remarks>
static class SimtGemm
{
    /// <summary>Threads of a group: 16 times 16.</summary>
    public const int GroupSize = LaunchShape.PreferredGroupSize;

    /// <summary>Half of the side of a tile of which a thread has eight rows or columns.</summary>
    public const int Half = 64;

    /// <summary>Rows of threads, and threads of a row.</summary>
    public const int ThreadsAcross = 16;

    /// <summary>A tile of C, or its sum over a slice of the depth.</summary>
    /// <typeparam name="TLeft">How A lies in memory.</typeparam>
    /// <typeparam name="TRight">How B lies in memory.</typeparam>
    /// <typeparam name="TLeftPieces">What a thread brings of a tile of A.</typeparam>
    /// <typeparam name="TRightPieces">What a thread brings of a tile of B.</typeparam>
    /// <typeparam name="TBlock">The outputs of a thread.</typeparam>
    /// <typeparam name="TColumns">A row of them.</typeparam>
    /// <typeparam name="TSteps">The depth of a tile.</typeparam>
    /// <param name="a">A [rows, depth] or its transpose.</param>
    /// <param name="b">B [depth, columns] or its transpose.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="sliceDepth">The depth that one group sums over.</param>
    /// <param name="c">C for each slice [slices, rows, columns].</param>
    /// <param name="isAligned">1 where rows of C begin at multiples of 16 bytes.</param>
    public static void SimtGemmKernel<TLeft, TRight, TLeftPieces, TRightPieces, TBlock, TColumns, TSteps>(
        ArrayView<float> a, ArrayView<float> b, GemmSize size, int sliceDepth, ArrayView<float> c, int isAligned)
        where TLeft : struct, IOperandMajor
        where TRight : struct, IOperandMajor
        where TLeftPieces : unmanaged, IStagedLoads<TLeftPieces>
        where TRightPieces : unmanaged, IStagedLoads<TRightPieces>
        where TBlock : unmanaged, IThreadTile<TBlock, TColumns>
        where TColumns : unmanaged, IThreadRow<TColumns>
        where TSteps : struct, IKSteps
    {
        var leftSide = SharedTile.Of(ThreadsAcross * TBlock.Rows, TSteps.Count);
        var rightSide = SharedTile.Of(ThreadsAcross * TColumns.Count, TSteps.Count);
        ArrayView<float> leftTile = SharedMemory.Allocate<float>(leftSide.Size);
        ArrayView<float> rightTile = SharedMemory.Allocate<float>(rightSide.Size);
        BlockTile work = BlockTile.Of(size, sliceDepth, leftSide.Length, rightSide.Length, TSteps.Count);

        int thread = Group.IdxX;
        TLeftPieces leftPieces = TLeftPieces.ReadFirst<TLeft>(work.Left(a, size), thread, leftSide);
        TRightPieces rightPieces = TRightPieces.ReadFirst<TRight>(work.Right(b, size), thread, rightSide);
        int leftStep = TLeft.Step(size.M, leftSide);
        int rightStep = TRight.Step(size.N, rightSide);
        ArrayView<float> leftTarget = leftTile.SubView(TLeft.SharedIndex(thread, leftSide));
        ArrayView<float> rightTarget = rightTile.SubView(TRight.SharedIndex(thread, rightSide));

        // The 32 threads of a warp have 4 rows and 8 columns of blocks: they share most of what they read.
        int row = (((thread >> 6) << 2) + ((thread & 31) >> 3)) * IntrinsicMath.Min(TBlock.Rows, 4);
        int column = ((((thread >> 5) & 1) << 3) + (thread & 7)) * IntrinsicMath.Min(TColumns.Count, 4);
        ArrayView<float> left = leftTile.SubView(row);
        ArrayView<float> right = rightTile.SubView(column);
        TBlock block = default;
        for (int tiles = work.KTiles; tiles > 0; tiles--)
        {
            // No thread may overwrite the tiles while another still computes with them.
            Group.Barrier();
            leftPieces.Store<TLeft>(leftTarget, 0, leftSide);
            rightPieces.Store<TRight>(rightTarget, 0, rightSide);

            // No thread may compute before all have brought their pieces.
            Group.Barrier();
            leftPieces = leftPieces.ReadNext<TLeft>(a, leftStep);
            rightPieces = rightPieces.ReadNext<TRight>(b, rightStep);
            block = TSteps.Run<TBlock, TColumns>(block, left, leftSide.Stride, right, rightSide.Stride, 0);
        }
        block.Store(new(c.SubView(work.Split * size.M * size.N), size.M, size.N, isAligned), work.Row + row, work.Column + column);
    }

    /// <summary>C as the sum of its slices, from the first to the last.</summary>
    /// <param name="slices">The slices [slices, values].</param>
    /// <param name="c">C [values].</param>
    public static void SumSplitsKernel(ArrayView<float> slices, ArrayView<float> c)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < c.IntLength; i += stride)
        {
            float sum = slices[i];
            for (int slice = c.IntLength; slice < slices.IntLength; slice += c.IntLength)
            {
                sum += slices[slice + i];
            }
            c[i] = sum;
        }
    }
}
