using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Asks the CUDA driver whether it works and how many GPUs it has. ILGPU asks the same, but reports every error as "no devices".
/// </summary>
static partial class CudaDriver
{
    /// <summary>Initializes the driver and counts its devices. A second call initializes nothing.</summary>
    /// <param name="count">The number of devices.</param>
    /// <returns>Why the driver does not start; null where it does.</returns>
    public static string? Start(out int count)
    {
        count = 0;
        CudaError error = Initialize(flags: 0);
        if (error == CudaError.CUDA_SUCCESS)
        {
            error = CountDevices(out count);
        }
        return error == CudaError.CUDA_SUCCESS ? null : DriverFault.Explain(error, Text(error));
    }

    static string Text(CudaError error) => GetErrorString(error, out nint text) == CudaError.CUDA_SUCCESS
        ? Marshal.PtrToStringUTF8(text)!
        : "an error that it has no words for";

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuInit")]
    private static partial CudaError Initialize(uint flags);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuDeviceGetCount")]
    private static partial CudaError CountDevices(out int count);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuGetErrorString")]
    private static partial CudaError GetErrorString(CudaError error, out nint text);
}
