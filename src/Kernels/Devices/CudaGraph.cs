using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Launches that the CUDA driver holds with all their arguments, and starts together: one call to the driver in place of one for each
/// launch, and no gap between one kernel and the next. ILGPU has no graphs; these are the driver's own calls ("CUDA Driver API", chapters
/// Stream Management and Graph Management).
/// </summary>
sealed partial class CudaGraph : IDisposable
{
    // Of the three modes the one in which what other threads do meanwhile, such as freeing memory in a finalizer, spoils no capture.
    const int ThreadLocalCapture = 1;

    static readonly CudaDriverVersion OldestDriver = CudaDriverVersion.FromMajorMinor(11, 4);

    readonly CudaStream stream;
    nint executable;

    CudaGraph(CudaStream stream, nint executable)
    {
        this.stream = stream;
        this.executable = executable;
    }

    /// <summary>Tells whether a stream's driver has the calls that are made here: since CUDA 11.4.</summary>
    /// <param name="stream">The stream.</param>
    public static bool IsSupported(CudaStream stream) => ((CudaAccelerator)stream.Accelerator).DriverVersion >= OldestDriver;

    /// <summary>Records launches without running them.</summary>
    /// <param name="stream">The stream, which is not the accelerator's default one: the driver does not record that.</param>
    /// <param name="launches">Launches on the stream, and nothing else: no allocation, no copy from or to the host, no waiting.</param>
    /// <exception cref="CudaException">The driver refuses. The stream is then as it was.</exception>
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
                // Also where a launch failed: until its capture ends, a stream runs nothing.
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
                // The executable is a copy.
                _ = Destroy(graph);
            }
        }
    }

    /// <summary>Runs the launches on their stream, after what was launched there before.</summary>
    /// <exception cref="CudaException">The driver refuses, or an earlier launch failed.</exception>
    public void Launch()
    {
        using var binding = stream.Accelerator.BindScoped();
        CudaException.ThrowIfFailed(Launch(executable, stream.StreamPtr));
    }

    /// <inheritdoc/>
    /// <remarks>Before the stream's accelerator. After a fault the driver answers every call with it: who had it has thrown it already.</remarks>
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
