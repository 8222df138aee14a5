using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Fused;

/// <summary>
/// Where all workers of a launch wait for each other: the threads of a group at the group's barrier, and groups at a count of arrivals in device memory,
/// which only grows. For that, all groups must be at work at once: there are no more of them than multiprocessors.
/// </summary>
/// <param name="arrivals">How many times a group has arrived [1]; 0 before the launch. Not used by one group.</param>
/// <param name="workers">Workers of a group.</param>
/// <param name="groups">Groups of the launch.</param>
struct WorkerBarrier(ArrayView<int> arrivals, int workers, int groups)
{
    readonly ArrayView<int> arrivals = arrivals;
    readonly int workers = workers;
    readonly int groups = groups;
    int expected;

    /// <summary>Waits until every worker has come here. What any of them has written, all can read afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Wait()
    {
        if (groups > 1)
        {
            WaitForGroups();
        }
        else if (workers > 1)
        {
            Group.Barrier();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void WaitForGroups()
    {
        expected += groups;
        // The first thread speaks for the others, who must all have come.
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            // What this group has written comes before its arrival.
            MemoryFence.DeviceLevel();
            Atomic.Add(ref arrivals[0], 1);
            while (Atomic.Add(ref arrivals[0], 0) < expected)
            {
            }
            // What the others have written is read anew.
            MemoryFence.DeviceLevel();
        }
        // Nobody goes on before the first thread has seen all groups arrive.
        Group.Barrier();
    }
}
