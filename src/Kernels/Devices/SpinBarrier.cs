namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A barrier for a few threads of the CPU accelerator, each on a core of its own. Who waits looks at a count again and again, and so goes
/// on a tenth of a microsecond after the last one came; the accelerator's own barrier puts it to sleep, and takes tens. Where the others
/// are late, because the machine has other work, it lets that have the core.
/// </summary>
static class SpinBarrier
{
    // About 50 µs, longer than workers with even parts wait for each other.
    const int SpinsBeforeYield = 1000;

    /// <summary>Waits for all workers. What any of them wrote before, all can read afterwards.</summary>
    /// <param name="arrivals">The count of arrivals, which only grows.</param>
    /// <param name="workers">How many workers there are; one does not wait.</param>
    /// <param name="generation">The count when the barrier was last passed.</param>
    /// <returns>The count now, for the next time.</returns>
    public static long Sync(ref long arrivals, int workers, long generation)
    {
        long all = generation + workers;
        if (workers > 1 && Interlocked.Increment(ref arrivals) < all)
        {
            for (int spins = 0; Volatile.Read(ref arrivals) < all; spins++)
            {
                if (spins < SpinsBeforeYield)
                {
                    Thread.SpinWait(1);
                }
                else
                {
                    Thread.Yield();
                }
            }
        }
        return all;
    }
}
