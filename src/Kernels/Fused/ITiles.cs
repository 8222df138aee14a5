using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>Who runs a worker's tile operations, and what follows from it for the work: a thread, or a warp of a GPU.</summary>
interface ITiles
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
    static abstract ArrayView<FusedLayer> Near(ArrayView<FusedLayer> layers);

    /// <summary>Waits until every worker has come here: see <see cref="WorkerBarrier"/>.</summary>
    /// <param name="barrier">Where they meet.</param>
    /// <param name="arrived">How many arrivals of groups there were when they last met.</param>
    static abstract int Meet(in WorkerBarrier barrier, int arrived);

    /// <summary>The room for the sums of each worker of this group, one after another.</summary>
    /// <param name="scratch">The room that the scratch has for them.</param>
    static abstract ViewMemory Rooms(ViewMemory scratch);

    /// <summary>How much of it one worker has.</summary>
    static abstract int RoomSize { get; }

    /// <summary>Runs a tile operation.</summary>
    /// <typeparam name="TOperation">The operation.</typeparam>
    /// <param name="operation">The operation and its operands.</param>
    static abstract void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation;
}

/// <summary>A worker of one thread, on the lanes that it has: see <see cref="Tile"/>.</summary>
readonly struct ThreadTiles : ITiles
{
    public static int Threads => 1;

    // Their activations stay in a processor's nearest cache from one tile operation to the next.
    public static int Features => 32;

    public static int LossExamples => Padding;

    public static int Padding => TileScratch.MostLanes;

    public static int RoomSize => TileScratch.Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> Near(ArrayView<FusedLayer> layers) => layers;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Meet(in WorkerBarrier barrier, int arrived)
    {
        WorkerBarrier.WaitForGroup(barrier.Workers);
        return arrived;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory Rooms(ViewMemory scratch) => scratch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => Tile.Run(operation);
}

/// <summary>A worker of one warp, whose threads are the lanes.</summary>
readonly struct WarpTiles : ITiles
{
    /// <summary>The most warps of a group: enough for a multiprocessor, and more groups are left for the others.</summary>
    public const int MostWarps = 8;

    /// <summary>The most layers that a network of warps has.</summary>
    public const int MostLayers = 64;

    public static int Threads => WarpLanes.Count;

    // What a product computes at a time. A small network has few features for many warps.
    public static int Features => Float4.Count;

    public static int LossExamples => WarpSoftmaxLoss.Examples;

    public static int Padding => WarpLanes.Count;

    public static int RoomSize => TileScratch.WarpSize;

    // Shared memory: after each phase, what lies in the first cache is forgotten.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ArrayView<FusedLayer> Near(ArrayView<FusedLayer> layers)
    {
        ArrayView<FusedLayer> near = SharedMemory.Allocate<FusedLayer>(MostLayers);
        for (int l = Group.IdxX; l < layers.IntLength; l += Group.DimX)
        {
            near[l] = layers[l];
        }
        // All threads read what each has written.
        Group.Barrier();
        return near;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Meet(in WorkerBarrier barrier, int arrived) => barrier.WaitForGroups(arrived);

    // Sums are written and read at once, which elsewhere may go as far as the second cache and back. Activations and weights are too much for this.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory Rooms(ViewMemory scratch) => new(SharedMemory.Allocate<float>(MostWarps * TileScratch.WarpSize), 0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation
    {
        // An operation reads, and writes over, what other lanes wrote and read in the last one.
        Warp.Barrier();
        operation.Run<WarpLanes, WarpMemory>();
    }
}
