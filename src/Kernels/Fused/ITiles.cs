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

    /// <summary>Rows are padded to multiples of this: the lanes.</summary>
    static abstract int Padding { get; }

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

    public static int Padding => TileScratch.MostLanes;

    public static int RoomSize => TileScratch.Size;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory Rooms(ViewMemory scratch) => scratch;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TOperation>(TOperation operation)
        where TOperation : struct, ITileOperation => Tile.Run(operation);
}

/// <summary>A worker of one warp, whose threads are the lanes.</summary>
readonly struct WarpTiles : ITiles
{
    /// <summary>
    /// The most warps of a group: two for each of a multiprocessor's four schedulers, which leaves a thread all registers that it can have.
    /// </summary>
    public const int MostWarps = 8;

    public static int Threads => WarpLanes.Count;

    // What a product computes at a time. A small network has few features for many warps.
    public static int Features => Float4.Count;

    public static int Padding => WarpLanes.Count;

    public static int RoomSize => TileScratch.WarpSize;

    // Shared memory, 10 of 48 KiB: sums are written and read at once, which elsewhere may go as far as the second cache and back. Activations and
    // weights are too much for it; they are read again and again, and stay in the first cache, which has what shared memory leaves of 256 KiB (sm_90).
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
