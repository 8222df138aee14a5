using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.IR.Intrinsics;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>The state of a grid barrier in device memory: a count of arrivals of groups.</summary>
/// <param name="Count">The count [2]: 64 bits for threads, 32 for groups.</param>
/// <param name="Address">Its address: inline PTX knows no views.</param>
readonly record struct GridBarrierState(ArrayView<int> Count, long Address)
{
    public static GridBarrierState In(ArrayView<int> count) => new(count, count.LoadEffectiveAddressAsPtr());
}

/// <summary>
/// A barrier for all workers of a launch. Groups synchronize by a count of arrivals that only grows, and so do threads on the CPU
/// accelerator; the threads of a group elsewhere synchronize at the group's own barrier. All groups must be resident at once, so there are
/// no more of them than multiprocessors.
/// </summary>
/// <remarks>The generation of the barrier is the count when it was last passed; each worker carries it along.</remarks>
/// <param name="State">The count, 0 before the launch. One worker does not use it, nor one group of warps.</param>
/// <param name="Workers">Workers of a group.</param>
/// <param name="Groups">Groups of the launch.</param>
readonly record struct GridBarrier(GridBarrierState State, int Workers, int Groups)
{
    /// <summary>Synchronizes the workers of this group.</summary>
    /// <param name="workers">How many there are; one does not wait.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SyncGroup(int workers)
    {
        if (workers > 1)
        {
            Group.Barrier();
        }
    }

    /// <summary>Synchronizes the threads of the one group that trains by threads.</summary>
    /// <param name="generation">The generation before.</param>
    /// <returns>The generation afterwards.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SyncThreads(int generation) => Workers > 1 ? SyncThreads(State.Count, Workers, generation) : generation;

    /// <summary>The same as an intrinsic: the CPU accelerator runs this method as it is, OpenCL <see cref="SyncPortable"/>.</summary>
    [IntrinsicImplementation]
    static int SyncThreads(ArrayView<int> arrivals, int workers, int generation) =>
        (int)SpinBarrier.Sync(ref Unsafe.As<int, long>(ref arrivals[0]), workers, generation);

    static int SyncPortable(ArrayView<int> arrivals, int workers, int generation)
    {
        Group.Barrier();
        return generation;
    }

    /// <summary>Registers the portable form for OpenCL and CUDA. Call it before the context is created.</summary>
    public static void RegisterPortableForm(Context.Builder builder) => Intrinsics.Register(
        builder, typeof(GridBarrier).GetMethod(nameof(SyncThreads), Intrinsics.Own, [typeof(ArrayView<int>), typeof(int), typeof(int)])!,
        typeof(GridBarrier), nameof(SyncPortable));

    /// <summary>Synchronizes the workers of all groups.</summary>
    /// <param name="generation">The generation before.</param>
    /// <returns>The generation afterwards.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SyncGrid(int generation)
    {
        // The first thread arrives for the whole group, whose writes must all have happened.
        Group.Barrier();
        if (Groups > 1)
        {
            if (Group.IdxX == 0)
            {
                Arrive();
                WaitFor(generation + Groups);
            }
            // No thread may read what other groups wrote before the first thread has seen all groups arrive.
            Group.Barrier();
        }
        return generation + Groups;
    }

    // Release: what this group wrote is visible before its arrival. On CUDA both are one instruction; a fence by itself takes longer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Arrive()
    {
        if (CudaAsm.IsSupported)
        {
            CudaAsm.Emit("atom.release.gpu.global.add.u32 %0, [%1], 1;", out int _, State.Address);
        }
        else
        {
            MemoryFence.DeviceLevel();
            Atomic.Add(ref State.Count[0], 1);
        }
    }

    // Acquire: what the other groups wrote before they arrived is read anew.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void WaitFor(int expected)
    {
        int arrived;
        do
        {
            if (CudaAsm.IsSupported)
            {
                CudaAsm.Emit("ld.acquire.gpu.global.u32 %0, [%1];", out arrived, State.Address);
            }
            else
            {
                arrived = Atomic.Add(ref State.Count[0], 0);
                MemoryFence.DeviceLevel();
            }
        }
        while (arrived < expected);
    }
}
