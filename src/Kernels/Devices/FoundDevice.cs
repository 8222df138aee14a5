using System.Globalization;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>A device that kernels can run on.</summary>
/// <param name="Name">The name by which it is asked for: kind and index, such as <c>opencl:0</c>.</param>
/// <param name="Kind"><c>cuda</c>, <c>opencl</c> or <c>cpu</c>.</param>
/// <param name="Device">ILGPU's device, with its limits.</param>
sealed record FoundDevice(string Name, string Kind, Device Device)
{
    /// <summary>Its kind.</summary>
    public DeviceKind KindOf => Enum.Parse<DeviceKind>(Kind, ignoreCase: true);

    /// <summary>Its number among those of its kind, from 0.</summary>
    public int Index => int.Parse(Name[(Name.IndexOf(':', StringComparison.Ordinal) + 1)..], CultureInfo.InvariantCulture);

    /// <summary>The device's kind, name and architecture or platform.</summary>
    public string Description => Describe(Device);

    /// <summary>The memory that buffers may take, in bytes: the device's own, or of a processor what the process may take.</summary>
    public long MemoryBytes => LaunchShape.IsProcessor(Device) ? GC.GetGCMemoryInfo().TotalAvailableMemoryBytes : Device.MemorySize;

    /// <summary>A device that somebody else has found.</summary>
    /// <param name="device">The device.</param>
    public static FoundDevice Of(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        string kind = device.AcceleratorType.ToString().ToLowerInvariant();
        return new FoundDevice($"{kind}:0", kind, device);
    }

    /// <summary>Describes a device. The text starts with the kind, by which devices that were passed over are found again.</summary>
    internal static string Describe(Device device) => device switch
    {
        CudaDevice cuda => $"CUDA {cuda.Name}, {cuda.Architecture}",
        CLDevice openCL => $"OpenCL {openCL.Name}, {openCL.PlatformName}",
        CPUDevice => "CPU accelerator of ILGPU",
        _ => device.Name,
    };
}

/// <summary>A device or a driver that was found or looked for and cannot be used.</summary>
/// <param name="Description">What it is. The text starts with the kind.</param>
/// <param name="Reason">Why it cannot be used, and what would fix that.</param>
sealed record PassedOverDevice(string Description, string Reason);
