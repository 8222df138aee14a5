using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A list of launches that runs many times with the same arguments; kernels read what changes from run to run out of device memory. On
/// CUDA the list is recorded once as a graph and then replayed by one driver call. Elsewhere, and with a CUDA driver too old for graphs,
/// the launches are made each time. Either way the same kernels run in the same order.
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
    /// The launches, and nothing else: no allocation, no copy to or from the host, no waiting. Only the first run, which is not recorded,
    /// may load kernels and allocate the buffers that they need.
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

    /// <summary>Frees the recording. Call it before the accelerator is disposed.</summary>
    public void Dispose()
    {
        graph?.Dispose();
        graph = null;
    }
}
