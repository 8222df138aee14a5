using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// An operation of the layered form on a processor. Its fields are its operands. Workers, one for each core, share it out by themselves,
/// write to nothing that another one touches, and wait for nobody; how many they are never changes a result.
/// </summary>
interface IWorkerOperation
{
    /// <summary>Runs a worker's part of the operation.</summary>
    /// <typeparam name="TLanes">The lanes that it computes with.</typeparam>
    /// <typeparam name="TMemory">How it accesses memory.</typeparam>
    /// <param name="worker">Which worker.</param>
    void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>;
}

/// <summary>One of the workers that share an operation.</summary>
/// <param name="Index">Which one, from 0.</param>
/// <param name="Count">How many there are.</param>
readonly record struct Worker(int Index, int Count)
{
    /// <summary>The items that this worker takes: neighbors, in whole units, as many as the others do or nearly.</summary>
    /// <param name="items">How many items there are for all.</param>
    /// <param name="unit">Items of a unit; the last unit may have fewer.</param>
    public (int First, int End) Share(int items, int unit = 1)
    {
        int units = ((items - 1) / unit) + 1;
        int first = (int)((long)units * Index / Count) * unit;
        int end = (int)((long)units * (Index + 1) / Count) * unit;
        return (first, IntrinsicMath.Min(end, items));
    }
}

/// <summary>The kernel of an operation for workers, loaded when it is first launched.</summary>
/// <param name="launcher">Loads and launches it.</param>
sealed class WorkerKernel<TOperation>(Launcher launcher)
    where TOperation : struct, IWorkerOperation
{
    Action<AcceleratorStream, KernelConfig, TOperation> Loaded => field ??= launcher.Accelerator.LoadKernel<TOperation>(Run);

    /// <summary>Launches it, or records the launch where launches are being recorded.</summary>
    /// <param name="operation">The operation and its operands.</param>
    public void Launch(TOperation operation)
    {
        if (launcher.Recording is { } recording)
        {
            recording.Add(new Recorded(operation));
        }
        else
        {
            Loaded(launcher.Stream, launcher.Workers, operation);
        }
    }

    static void Run(TOperation operation) => Run(operation, new Worker(GridStride.First, GridStride.Stride));

    static void Run(TOperation operation, Worker worker) => Tile.Run(new WorkerTile<TOperation>(operation, worker));

    sealed class Recorded(TOperation operation) : IRecordedLaunch
    {
        public void Run(int worker, int workers) => WorkerKernel<TOperation>.Run(operation, new Worker(worker, workers));
    }
}

/// <summary>A worker's part of an operation as a tile operation, for <see cref="Tile.Run"/>.</summary>
readonly record struct WorkerTile<TOperation>(TOperation Operation, Worker Worker) : ITileOperation
    where TOperation : struct, IWorkerOperation
{
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes> => Operation.Run<TLanes, TMemory>(Worker);
}
