using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Losses;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>Who runs a worker's tile operations, and what follows from it for the work: a thread, or a warp of a GPU.</summary>
interface IWorkerTiles
{
    /// <summary>Threads of a worker.</summary>
    static abstract int Threads { get; }

    /// <summary>Features of a block of work.</summary>
    static abstract int Features { get; }

    /// <summary>Examples of a block of the loss.</summary>
    static abstract int LossExamples { get; }

    /// <summary>Rows are padded to multiples of this: the lanes.</summary>
    static abstract int Padding { get; }

    /// <summary>The layer table, near by.</summary>
    /// <param name="layers">The layer table.</param>
    static abstract ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers);

    /// <summary>Waits until every worker has come here: see <see cref="GridBarrier"/>.</summary>
    /// <param name="barrier">Where they meet.</param>
    /// <param name="arrived">How many arrivals of groups there were when they last met.</param>
    static abstract int Sync(in GridBarrier barrier, int arrived);

    /// <summary>The room for the sums of each worker of this group, one after another.</summary>
    /// <param name="scratch">The room that the scratch has for them.</param>
    static abstract ViewMemory GroupScratch(ViewMemory scratch);

    /// <summary>How much of it one worker has.</summary>
    static abstract int ScratchSize { get; }

    /// <summary>Runs a tile operation.</summary>
    /// <typeparam name="TOperation">The operation.</typeparam>
    /// <param name="operation">The operation and its operands.</param>
    static abstract void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation;
}

/// <summary>A worker of one thread, on the lanes that it has: see <see cref="Tile"/>.</summary>
readonly struct ThreadWorkerTiles : IWorkerTiles
{
    public static int Threads => 1;

    // Their activations stay in a processor's nearest cache from one tile operation to the next.
    public static int Features => 32;

    public static int LossExamples => Padding;

    public static int Padding => TileScratch.MaxLanes;

    public static int ScratchSize => TileScratch.Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers) => layers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sync(in GridBarrier barrier, int arrived)
    {
        GridBarrier.SyncGroup(barrier.Workers);
        return arrived;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory GroupScratch(ViewMemory scratch) => scratch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => Tile.Run(operation);
}

/// <summary>A worker of one warp, whose threads are the lanes.</summary>
readonly struct WarpWorkerTiles : IWorkerTiles
{
    /// <summary>The most warps of a group: enough for a multiprocessor, and more groups are left for the others.</summary>
    public const int MaxWarps = 8;

    /// <summary>The most layers that a network of warps has.</summary>
    public const int MaxLayers = 64;

    public static int Threads => WarpLanes.Count;

    // What a product computes at a time. A small network has few features for many warps.
    public static int Features => Float4.Count;

    public static int LossExamples => WarpSoftmaxCrossEntropy.Examples;

    public static int Padding => WarpLanes.Count;

    public static int ScratchSize => TileScratch.WarpSize;

    // Shared memory: after each phase, what lies in the first cache is forgotten.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> CopyToShared(ArrayView<FusedLayer> layers)
    {
        ArrayView<FusedLayer> near = SharedMemory.Allocate<FusedLayer>(MaxLayers);
        for (int l = Group.IdxX; l < layers.IntLength; l += Group.DimX)
        {
            near[l] = layers[l];
        }
        // All threads read what each has written.
        Group.Barrier();
        return near;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Sync(in GridBarrier barrier, int arrived) => barrier.SyncGrid(arrived);

    // Sums are written and read at once, which elsewhere may go as far as the second cache and back. Activations and weights are too much for this.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory GroupScratch(ViewMemory scratch) => new(SharedMemory.Allocate<float>(MaxWarps * TileScratch.WarpSize), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation
    {
        // An operation reads, and writes over, what other lanes wrote and read in the last one.
        Warp.Barrier();
        operation.Run<WarpLanes, WarpMemory>();
    }
}
