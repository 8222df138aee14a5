using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A list of launches that is run again and again, always with the same arguments: what changes from run to run, kernels read from device
/// memory. On CUDA the list is recorded once as a graph and then replayed, one call to the driver for all its launches; elsewhere, and with
/// a CUDA driver that is too old for graphs, it is called each time. Either way the same kernels run in the same order.
/// </summary>
public sealed class RecordedLaunches : IDisposable
{
    readonly Action launches;
    readonly CudaStream? recordable;
    bool hasRun;
    CudaGraph? graph;

    /// <summary>Prepares the list. Nothing runs yet.</summary>
    /// <param name="launcher">The launcher of all its launches.</param>
    /// <param name="launches">
    /// The launches, and nothing else: no allocation, no copy from or to the host, no waiting. Its first run may still load kernels and make
    /// the buffers that they need.
    /// </param>
    public RecordedLaunches(Launcher launcher, Action launches)
    {
        ArgumentNullException.ThrowIfNull(launcher);
        ArgumentNullException.ThrowIfNull(launches);
        this.launches = launches;
        recordable = launcher.Stream is CudaStream stream && CudaGraph.IsSupported(stream) ? stream : null;
    }

    /// <summary>Runs the list once.</summary>
    /// <exception cref="CudaException">The driver refuses to record or to replay the launches.</exception>
    public void Run()
    {
        if (recordable is null || !hasRun)
        {
            launches();
            hasRun = true;
            return;
        }
        graph ??= CudaGraph.Capture(recordable, launches);
        graph.Launch();
    }

    /// <summary>Gives the recording back, before the accelerator ends.</summary>
    public void Dispose()
    {
        graph?.Dispose();
        graph = null;
    }
}
