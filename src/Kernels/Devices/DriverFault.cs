using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>Explains errors of the CUDA and OpenCL drivers in one line: what happened, and what the user can do about it.</summary>
public static class DriverFault
{
    const string OutOfMemory =
        "the accelerator is out of memory: use smaller sizes (--hidden, --batch, --context), end other programs that use it, "
        + "or take another --accelerator";

    /// <summary>Explains an exception of ILGPU in one line.</summary>
    /// <param name="fault">The exception.</param>
    public static string Explain(AcceleratorException fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault switch
        {
            // Error holds ILGPU's name of the CUDA error, or its number where ILGPU has no name. TryParse accepts both.
            CudaException cuda when Enum.TryParse(cuda.Error, out CudaError error) => Explain(error, cuda.Message),
            // GPUs also return CL_OUT_OF_RESOURCES when their memory does not suffice.
            CLException
            {
                Error: CLError.CL_MEM_OBJECT_ALLOCATION_FAILURE or CLError.CL_OUT_OF_RESOURCES or CLError.CL_OUT_OF_HOST_MEMORY
                    or CLError.CL_INVALID_BUFFER_SIZE,
            } => OutOfMemory,
            CLException openCL => $"the OpenCL driver failed with {openCL.Error}: try again, or take another --accelerator",
            _ => $"the accelerator failed: {Explanation.ReasonOf(fault)} (try another --accelerator)",
        };
    }

    /// <summary>Explains an error code of the CUDA driver in one line.</summary>
    /// <param name="error">The error.</param>
    /// <param name="text">The driver's own text for it.</param>
    internal static string Explain(CudaError error, string text) =>
        Meaning((int)error) ?? $"the CUDA driver failed with error {(int)error} ({text}): try again, or take another --accelerator";

    // The numbers are those of CUresult in cuda.h; ILGPU has no names for the newer ones.
    static string? Meaning(int error) => error switch
    {
        2 => OutOfMemory,
        46 => "the GPU is busy or kept by another program for itself (CUDA error 46): end that program, or take another --accelerator",
        100 => "the CUDA driver finds no GPU: see whether nvidia-smi lists one, and whether CUDA_VISIBLE_DEVICES hides it",
        101 => "the GPU is no longer there (CUDA error 101): see whether nvidia-smi lists it, and restart the machine where it does not",
        209 or 218 or 222 => $"the CUDA driver does not take the kernels (CUDA error {error}): update NVIDIA's driver",
        214 =>
            "the GPU's memory has an error that could not be corrected (ECC, CUDA error 214): reset the GPU (nvidia-smi --gpu-reset) "
            + "or restart the machine",
        700 or 710 or 714 or 715 or 716 or 717 or 718 or 719 =>
            $"a kernel failed on the GPU (CUDA error {error}): this is a fault of this program or of the GPU; take another --accelerator, "
            + "and report it",
        701 => "a kernel asks for more registers or shared memory than the GPU has (CUDA error 701): use --strategy layered",
        702 =>
            "the driver stopped a kernel that ran too long (CUDA error 702), as it does on a GPU that also draws a screen: "
            + "use smaller sizes (--hidden, --batch), or a GPU without a screen",
        802 => "the GPU system is not ready yet (CUDA error 802): start NVIDIA's fabric manager, or wait until it has started",
        803 =>
            "NVIDIA's driver and its library libcuda do not belong together (CUDA error 803): "
            + "restart the machine after an update of the driver",
        804 =>
            "the library libcuda is for other GPUs than this one (CUDA error 804): "
            + "remove the CUDA compatibility package from LD_LIBRARY_PATH",
        999 => "the GPU no longer answers (CUDA error 999): reset the GPU (nvidia-smi --gpu-reset) or restart the machine",
        _ => null,
    };
}
