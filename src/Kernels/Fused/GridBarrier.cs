using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>How groups know of each other: a count of arrivals in device memory.</summary>
/// <param name="Count">How many times a group has arrived [1].</param>
/// <param name="Address">Where that is: inline PTX knows no views.</param>
readonly record struct GridBarrierState(ArrayView<int> Count, long Address)
{
    /// <summary>The arrivals that a view counts.</summary>
    /// <param name="count">The view [1].</param>
    internal static GridBarrierState In(ArrayView<int> count) => new(count, count.LoadEffectiveAddressAsPtr());
}

/// <summary>
/// Where all workers of a launch wait for each other: the threads of a group at the group's barrier, and groups at a count of arrivals, which only
/// grows. For that, all groups must be at work at once: there are no more of them than multiprocessors.
/// </summary>
/// <param name="State">The count, 0 before the launch. Not used by one group.</param>
/// <param name="Workers">Workers of a group.</param>
/// <param name="Groups">Groups of the launch.</param>
readonly record struct GridBarrier(GridBarrierState State, int Workers, int Groups)
{
    /// <summary>Waits until every worker of this group has come here.</summary>
    /// <param name="workers">How many there are.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SyncGroup(int workers)
    {
        if (workers > 1)
        {
            Group.Barrier();
        }
    }

    /// <summary>Waits until every worker of all groups has come here.</summary>
    /// <param name="arrived">How many arrivals there were when they last met.</param>
    /// <returns>How many there are now.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int SyncGrid(int arrived)
    {
        // The first thread speaks for the others, who must all have come.
        Group.Barrier();
        if (Groups > 1)
        {
            if (Group.IdxX == 0)
            {
                Arrive();
                WaitFor(arrived + Groups);
            }
            // Nobody goes on before the first thread has seen all groups arrive.
            Group.Barrier();
        }
        return arrived + Groups;
    }

    // What this group has written comes before its arrival. On CUDA both are one instruction: a fence by itself takes longer.
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

    // What the others have written before they arrived is read anew.
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
