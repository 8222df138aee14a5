using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.IR.Intrinsics;
using ILGPU.Runtime;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>A launch on the CPU accelerator that can be run again without one.</summary>
interface IRecordedLaunch
{
    /// <summary>Runs a worker's part of it.</summary>
    /// <param name="worker">Which worker, from 0.</param>
    /// <param name="workers">How many there are.</param>
    void Run(int worker, int workers);
}

/// <summary>
/// Recorded launches of the CPU accelerator as one launch: its workers run their parts of the first, wait for each other, and go on with
/// the next. There, a launch of its own costs as long as a matrix product of the lectures, and a barrier a hundredth of that.
/// </summary>
sealed class ReplayedLaunches : IDisposable
{
    readonly Launcher launcher;
    readonly IRecordedLaunch[] launches;
    readonly Action<AcceleratorStream, KernelConfig, long, int, long> kernel;
    GCHandle handle;
    long arrivals;
    long generation;

    /// <summary>Prepares the launch.</summary>
    /// <param name="launcher">A launcher of the CPU accelerator.</param>
    /// <param name="launches">What it runs.</param>
    public ReplayedLaunches(Launcher launcher, IEnumerable<IRecordedLaunch> launches)
    {
        this.launcher = launcher;
        this.launches = [.. launches];
        kernel = launcher.Accelerator.LoadKernel<long, int, long>(ReplayKernel);
        handle = GCHandle.Alloc(this);
    }

    /// <summary>Runs all of them a number of times, in one launch.</summary>
    /// <param name="times">How many times.</param>
    /// <param name="workers">How many workers share them.</param>
    public void Run(int times, int workers)
    {
        kernel(launcher.Stream, new KernelConfig(1, workers), (long)GCHandle.ToIntPtr(handle), times, generation);
        // One worker waits for nobody, and is not counted.
        generation += workers == 1 ? 0 : (long)times * launches.Length * workers;
    }

    /// <summary>Waits for what was launched, and frees the recording.</summary>
    public void Dispose()
    {
        if (handle.IsAllocated)
        {
            launcher.Stream.Synchronize();
            handle.Free();
        }
    }

    // One group, of a thread for each worker.
    static void ReplayKernel(long recording, int times, long generation) => Replay(recording, times, generation);

    // The CPU accelerator runs this method as it is, and can be given an object so.
    [IntrinsicImplementation]
    static void Replay(long recording, int times, long generation) =>
        ((ReplayedLaunches)GCHandle.FromIntPtr((nint)recording).Target!).Run(Group.IdxX, Group.DimX, times, generation);

    void Run(int worker, int workers, int times, long passed)
    {
        for (int time = 0; time < times; time++)
        {
            foreach (IRecordedLaunch launch in launches)
            {
                launch.Run(worker, workers);
                // A launch reads what the workers wrote in the last one, and overwrites what they read.
                passed = SpinBarrier.Sync(ref arrivals, workers, passed);
            }
        }
    }
}
