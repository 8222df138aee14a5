namespace Makemore.Gpu.Kernels.Devices;

/// <summary>A kind of device that kernels run on.</summary>
public enum DeviceKind
{
    /// <summary>The first of these that the machine has: a CUDA GPU, an OpenCL GPU, the processor, an OpenCL device on it.</summary>
    Auto,

    /// <summary>The processor, by ILGPU's CPU accelerator and vector code.</summary>
    Cpu,

    /// <summary>An OpenCL device.</summary>
    OpenCL,

    /// <summary>A GPU of NVIDIA.</summary>
    Cuda,
}

/// <summary>A device of this machine.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Index">Its number among those of its kind, from 0.</param>
/// <param name="Description">Its name, and its architecture or platform.</param>
/// <param name="MemoryBytes">The memory that tensors may take, in bytes.</param>
public sealed record DeviceInfo(DeviceKind Kind, int Index, string Description, long MemoryBytes);
