using System.Runtime.InteropServices;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>What CUDA's driver says of itself. ILGPU asks, too, and takes each error for "no devices", without a word.</summary>
static partial class CudaDriver
{
    /// <summary>Starts the driver, which does nothing the second time, and counts its devices.</summary>
    /// <param name="count">How many devices it has.</param>
    /// <returns>Why it does not start; null where it does.</returns>
    public static string? Start(out int count)
    {
        count = 0;
        CudaError error = Initialize(flags: 0);
        if (error == CudaError.CUDA_SUCCESS)
        {
            error = CountDevices(out count);
        }
        return error == CudaError.CUDA_SUCCESS ? null : DriverFault.Explain(error, Words(error));
    }

    static string Words(CudaError error) =>
        GetErrorString(error, out nint words) == CudaError.CUDA_SUCCESS ? Marshal.PtrToStringUTF8(words)! : "an error that it has no words for";

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuInit")]
    private static partial CudaError Initialize(uint flags);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuDeviceGetCount")]
    private static partial CudaError CountDevices(out int count);

    [LibraryImport(NativeLibraries.Cuda, EntryPoint = "cuGetErrorString")]
    private static partial CudaError GetErrorString(CudaError error, out nint words);
}
