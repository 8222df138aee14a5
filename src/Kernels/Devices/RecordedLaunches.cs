using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A list of launches that runs many times with the same arguments; kernels read what changes from run to run out of device memory. On
/// CUDA the list is recorded once as a graph and then replayed by one driver call. On the CPU accelerator it is recorded as one launch.
/// Elsewhere, and with a CUDA driver too old for graphs, the launches are made each time. Either way the same kernels run in the same
/// order.
/// </summary>
sealed class RecordedLaunches : IDisposable
{
    readonly Launcher launcher;
    readonly Action launches;
    readonly CudaStream? recordable;
    bool hasRun;
    CudaGraph? graph;
    ReplayedLaunches? replayed;

    /// <summary>Prepares the list. Nothing runs yet.</summary>
    /// <param name="launcher">The launcher of all its launches.</param>
    /// <param name="launches">
    /// The launches, and nothing else: no allocation, no copy to or from the host, no waiting. Only the first time that they are made may
    /// they load kernels and allocate the buffers that they need.
    /// </param>
    public RecordedLaunches(Launcher launcher, Action launches)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(launches);
        this.launcher = launcher;
        this.launches = launches;
        recordable = launcher.Stream is CudaStream stream && CudaGraph.IsSupported(stream) ? stream : null;
    }

    // Kernels of processors can be run again; those of GPUs may run there, too, in tests.
    bool IsReplayable => launcher.Accelerator.AcceleratorType == AcceleratorType.CPU && !launcher.Shape.IsGpu;

    /// <summary>Runs the list.</summary>
    /// <param name="times">How many times.</param>
    /// <param name="workers">
    /// The most workers that share them where they become one launch: more cost small launches more than they gain. No result depends on
    /// it.
    /// </param>
    /// <exception cref="CudaException">The driver refuses to record or to replay the launches.</exception>
    /// <exception cref="InvalidOperationException">There is a launch on the CPU accelerator that cannot be recorded.</exception>
    public void Run(int times, int workers = int.MaxValue)
    {
        if (IsReplayable)
        {
            (replayed ??= Record()).Run(times, Math.Min(workers, launcher.Shape.Cores));
            return;
        }
        for (int time = 0; time < times; time++)
        {
            if (recordable is null || !hasRun)
            {
                launches();
                hasRun = true;
            }
            else
            {
                (graph ??= CudaGraph.Capture(recordable, launches)).Launch();
            }
        }
    }

    /// <summary>Frees the recording. Call it before the accelerator is disposed.</summary>
    public void Dispose()
    {
        graph?.Dispose();
        graph = null;
        replayed?.Dispose();
        replayed = null;
    }

    ReplayedLaunches Record()
    {
        var recording = new List<IRecordedLaunch>();
        launcher.Recording = recording;
        try
        {
            launches();
        }
        finally
        {
            launcher.Recording = null;
        }
        return new ReplayedLaunches(launcher, recording);
    }
}
