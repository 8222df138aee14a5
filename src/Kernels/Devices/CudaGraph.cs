using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A CUDA graph: launches recorded with all their arguments. One driver call replays them all, which saves a call per launch and the gap
/// between one kernel and the next. ILGPU has no graphs, so this class calls the driver itself ("CUDA Driver API", chapters Stream
/// Management and Graph Management).
/// </summary>
sealed partial class CudaGraph : IDisposable
{
    // CU_STREAM_CAPTURE_MODE_THREAD_LOCAL: calls of other threads, such as a finalizer that frees memory, do not invalidate the capture.
    const int ThreadLocalCapture = 1;

    static readonly CudaDriverVersion OldestDriver = CudaDriverVersion.FromMajorMinor(11, 4);

    readonly CudaStream stream;
    nint executable;

    CudaGraph(CudaStream stream, nint executable)
    {
        this.stream = stream;
        this.executable = executable;
    }

    /// <summary>Whether the stream's driver has the calls made here: CUDA 11.4 or later.</summary>
    public static bool IsSupported(CudaStream stream) => ((CudaAccelerator)stream.Accelerator).DriverVersion >= OldestDriver;

    /// <summary>Records launches without running them.</summary>
    /// <param name="stream">Any stream but the accelerator's default one, which the driver cannot capture.</param>
    /// <param name="launches">Launches on the stream, and nothing else: no allocation, no copy to or from the host, no waiting.</param>
    /// <exception cref="CudaException">The driver refuses. The stream is left as it was.</exception>
    public static CudaGraph Capture(CudaStream stream, Action launches)
    {
        using var binding = stream.Accelerator.BindScoped();
        CudaException.ThrowIfFailed(BeginCapture(stream.StreamPtr, ThreadLocalCapture));
        nint graph = 0;
        try
        {
            CudaError ended;
            try
            {
                launches();
            }
            finally
            {
                // The capture ends even where a launch failed: a stream that is being captured runs nothing.
                ended = EndCapture(stream.StreamPtr, out graph);
            }
            CudaException.ThrowIfFailed(ended);
            CudaException.ThrowIfFailed(Instantiate(out nint executable, graph, flags: 0));
            return new CudaGraph(stream, executable);
        }
        finally
        {
            if (graph != 0)
            {
                // The executable graph is a copy.
                _ = Destroy(graph);
            }
        }
    }

    /// <summary>Replays the launches on their stream, after everything launched there before.</summary>
    /// <exception cref="CudaException">The driver refuses, or an earlier launch failed.</exception>
    public void Launch()
    {
        using var binding = stream.Accelerator.BindScoped();
        CudaException.ThrowIfFailed(Launch(executable, stream.StreamPtr));
    }

    // Dispose the graph before its accelerator. The result is ignored: after a fault the driver answers every call with the same error,
    // which has been thrown already.
    public void Dispose()
    {
        if (executable != 0)
        {
            using var binding = stream.Accelerator.BindScoped();
            _ = DestroyExecutable(executable);
            executable = 0;
        }
    }

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuStreamBeginCapture_v2")]
    private static partial CudaError BeginCapture(nint stream, int mode);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuStreamEndCapture")]
    private static partial CudaError EndCapture(nint stream, out nint graph);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuGraphInstantiateWithFlags")]
    private static partial CudaError Instantiate(out nint executable, nint graph, ulong flags);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuGraphLaunch")]
    private static partial CudaError Launch(nint executable, nint stream);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuGraphDestroy")]
    private static partial CudaError Destroy(nint graph);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuGraphExecDestroy")]
    private static partial CudaError DestroyExecutable(nint executable);
}
