using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// How a worker runs tile operations, and the sizes of its blocks of work that follow from it: a thread, or a warp of a GPU.
/// </summary>
interface ITileRunner
{
    /// <summary>Features of a block of weights whose L2 loss is one value.</summary>
    static abstract int Features { get; }

    /// <summary>Features of a block of work. No result depends on it.</summary>
    /// <param name="workers">How many workers share the blocks.</param>
    static abstract int FeaturesOf(int workers);

    /// <summary>Examples of a block of the loss.</summary>
    static abstract int LossExamples { get; }

    /// <summary>Rows are padded to multiples of this: the lanes.</summary>
    static abstract int Padding { get; }

    /// <summary>Values of scratch that one worker needs for sums.</summary>
    static abstract int ScratchSize { get; }

    /// <summary>The scratch for the sums of each worker of this group, one after another.</summary>
    /// <param name="scratch">What the network's scratch has for it.</param>
    static abstract ViewMemory GroupScratch(ViewMemory scratch);

    /// <summary>How far a tile's GEMM goes along K, whose padding holds 0.</summary>
    /// <param name="k">K.</param>
    static abstract int GemmK(int k);

    /// <summary>Runs a tile operation.</summary>
    /// <typeparam name="TOperation">The operation.</typeparam>
    /// <param name="operation">The operation and its operands.</param>
    static abstract void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation;
}

/// <summary>The tiles of a thread, on the vectors that it has: see <see cref="Tile"/>.</summary>
readonly struct ThreadTileRunner : ITileRunner
{
    // The activations of a block stay in L1 from one tile operation to the next.
    public static int Features => 32;

    public static int LossExamples => Padding;

    public static int Padding => TileScratch.MaxLanes;

    public static int ScratchSize => TileScratch.Size;

    // Several workers share small blocks more evenly: the lectures' 27 logits are one large block, and their 200 features seven.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FeaturesOf(int workers) => workers == 1 ? Features : Features / 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory GroupScratch(ViewMemory scratch) => scratch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GemmK(int k) => k;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => Tile.Run(operation);
}

/// <summary>The tiles of a warp, whose threads are the lanes.</summary>
readonly struct WarpTileRunner : ITileRunner
{
    /// <summary>The most warps of a group: enough to occupy a multiprocessor. More groups occupy the others.</summary>
    public const int MaxWarps = 8;

    // The rows that a warp GEMM computes at a time. A small network has few features for many warps.
    public static int Features => Float4.Count;

    public static int LossExamples => WarpSoftmaxCrossEntropy.Examples;

    public static int Padding => WarpLanes.Count;

    public static int ScratchSize => TileScratch.WarpSize;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int FeaturesOf(int workers) => Features;

    // Shared memory: sums are written and read again at once, which elsewhere may go to L2 and back. Activations and weights are too large
    // for it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory GroupScratch(ViewMemory scratch) => new(SharedMemory.Allocate<float>(MaxWarps * TileScratch.WarpSize), 0);

    // Vectorized loads along K need whole float4s.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int GemmK(int k) => Float4.PaddedLength(k);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation
    {
        // An operation reads what other lanes wrote in the last one, and overwrites what they read.
        Warp.Barrier();
        operation.Run<WarpLanes, WarpMemory>();
    }
}
