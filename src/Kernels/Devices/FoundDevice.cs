using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>A device that kernels can run on.</summary>
/// <param name="Name">The name by which it is asked for: kind and index, such as <c>opencl:0</c>.</param>
/// <param name="Kind"><c>cuda</c>, <c>opencl</c> or <c>cpu</c>.</param>
/// <param name="Device">ILGPU's device, with its limits.</param>
public sealed record FoundDevice(string Name, string Kind, Device Device)
{
    /// <summary>What the device is, in words.</summary>
    public string Description => Describe(Device);

    /// <summary>What a device is, in words. Starts with the kind.</summary>
    /// <param name="device">ILGPU's device.</param>
    internal static string Describe(Device device) => device switch
    {
        CudaDevice cuda => $"CUDA {cuda.Name}, {cuda.Architecture}",
        CLDevice openCL => $"OpenCL {openCL.Name}, {openCL.PlatformName}",
        CPUDevice => "CPU accelerator of ILGPU",
        _ => device.Name,
    };
}

/// <summary>A device or a driver that was looked at and cannot be used.</summary>
/// <param name="Description">What it is. Starts with the kind.</param>
/// <param name="Reason">Why it cannot be used, and what would mend it.</param>
public sealed record PassedOverDevice(string Description, string Reason);
