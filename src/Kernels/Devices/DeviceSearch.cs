using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// Searches this machine for the devices of an ILGPU context and keeps the reason for each device or driver that cannot be used. ILGPU
/// itself leaves those out silently.
/// </summary>
sealed class DeviceSearch
{
    readonly List<PassedOverDevice> passedOver = [];

    /// <summary>What cannot be used, with the reason: complete after <see cref="DevicesOf"/>.</summary>
    public IReadOnlyList<PassedOverDevice> PassedOver => passedOver;

    /// <summary>Adds the usable devices of the CUDA and OpenCL drivers to a context.</summary>
    public void AddDrivers(Context.Builder builder)
    {
        if (HasDriver(NativeLibraries.Cuda, "CUDA", "install NVIDIA's driver"))
        {
            AddCuda(builder);
        }
        if (HasDriver(NativeLibraries.OpenCL, "OpenCL", "install an OpenCL loader, such as Debian's ocl-icd-libopencl1"))
        {
            builder.OpenCL(device => Accept(device, UnusableReason(device)));
        }
    }

    /// <summary>The devices of a context by name: CUDA first, then OpenCL, then the CPU accelerator.</summary>
    public IReadOnlyList<FoundDevice> DevicesOf(Context context)
    {
        List<FoundDevice> devices =
        [
            .. Named("cuda", context.Devices.OfType<CudaDevice>()),
            .. Named("opencl", context.Devices.OfType<CLDevice>()),
            .. Named("cpu", context.Devices.OfType<CPUDevice>()),
        ];
        NoteEmptyDrivers(devices);
        return devices;
    }

    static IEnumerable<FoundDevice> Named(string kind, IEnumerable<Device> devices) =>
        devices.Select((device, index) => new FoundDevice($"{kind}:{index}", kind, device));

    bool HasDriver(string library, string kind, string remedy)
    {
        if (NativeLibraries.IsPresent(library))
        {
            return true;
        }
        passedOver.Add(new PassedOverDevice(kind, $"{NativeLibraries.FileName(library) ?? library} was not found: {remedy}"));
        return false;
    }

    void AddCuda(Context.Builder builder)
    {
        if (CudaDriver.Start(out int count) is { } fault)
        {
            passedOver.Add(new PassedOverDevice("CUDA", fault));
            return;
        }
        int seen = 0;
        builder.Cuda(device =>
        {
            seen++;
            return Accept(device, UnusableReason(device));
        });
        // ILGPU leaves out a device that fails one of its queries, and all devices after it.
        if (seen < count)
        {
            passedOver.Add(new PassedOverDevice(
                "CUDA",
                $"{count - seen} of {count} GPUs do not answer: see whether nvidia-smi lists them, "
                + "and restart the machine where it does not"));
        }
    }

    bool Accept(Device device, string? unusableReason)
    {
        if (unusableReason is not null)
        {
            passedOver.Add(new PassedOverDevice(FoundDevice.Describe(device), unusableReason));
        }
        return unusableReason is null;
    }

    static string? UnusableReason(CudaDevice device) => device switch
    {
        { Architecture: { } architecture } when architecture < CudaArchitecture.SM_70 =>
            $"its compute capability {architecture.Major}.{architecture.Minor} is below 7.0, which the kernels need: use OpenCL or the CPU",
        { InstructionSet: null } => $"its driver (CUDA {device.DriverVersion}) is too old for ILGPU: update NVIDIA's driver",
        _ => null,
    };

    static string? UnusableReason(CLDevice device)
    {
        if (device.CLStdVersion < CLBackend.MinimumVersion)
        {
            return $"it compiles {device.CVersion}, and ILGPU needs OpenCL C 2.0: update its driver";
        }
        return device.Capabilities.GenericAddressSpace
            ? null
            : "it has no generic address space, which ILGPU needs: update its driver, "
                + "or use CUDA on an NVIDIA GPU, whose OpenCL has none";
    }

    // A driver library without a device is common, in containers or with an OpenCL loader alone, and would otherwise go unreported.
    void NoteEmptyDrivers(List<FoundDevice> devices)
    {
        foreach ((string library, string kind) in new[] { (NativeLibraries.Cuda, "CUDA"), (NativeLibraries.OpenCL, "OpenCL") })
        {
            bool seen = devices.Exists(device => device.Kind.Equals(kind, StringComparison.OrdinalIgnoreCase))
                || passedOver.Exists(device => device.Description.StartsWith(kind, StringComparison.Ordinal));
            if (!seen)
            {
                passedOver.Add(
                    new PassedOverDevice(kind, $"{NativeLibraries.FileName(library) ?? library} was loaded but lists no device"));
            }
        }
    }
}
