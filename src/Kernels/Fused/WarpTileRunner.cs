using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>The tiles of a warp, whose threads are the lanes.</summary>
readonly struct WarpTileRunner : ITileRunner
{
    /// <summary>The most warps of a group: enough to occupy a multiprocessor. More groups occupy the others.</summary>
    public const int MaxWarps = 8;

    // The rows that a warp GEMM computes at a time. A small network has few features for many warps.
    public static int Features => Float4.Count;

    public static int LossExamples => WarpSoftmaxCrossEntropy.Examples;

    public static int Padding => WarpLanes.Count;

    // Blocks of all workers in turn.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WorkBlocks BlocksOf(int features, int examples, Worker worker) =>
        new(worker.Index * Features, features, worker.Count * Features, Features);

    // Shared memory: sums are written and read again at once, which elsewhere may go to L2 and back. Activations and weights are too large
    // for it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory ScratchOf(ViewMemory scratch, in FusedShape shape, int indexInGroup) =>
        new ViewMemory(SharedMemory.Allocate<float>(MaxWarps * TileScratch.WarpSize), 0).From(indexInGroup * TileScratch.WarpSize);

    // Vectorized loads along K need whole float4s.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GemmK(int k) => Float4.PaddedLength(k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(TileGemm product, int n, ViewMemory scratch) => Run(product);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation
    {
        // An operation reads what other lanes wrote in the last one, and overwrites what they read.
        Warp.Barrier();
        operation.Run<WarpLanes, WarpMemory>();
    }
}
