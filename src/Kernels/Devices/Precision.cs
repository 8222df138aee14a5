using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>With how many digits matrix products are computed. All else is computed in single precision.</summary>
public enum Precision
{
    /// <summary>Single precision: 24 binary digits.</summary>
    Full,

    /// <summary>
    /// TF32: large products round their operands to 11 binary digits and run on tensor cores; they are summed in single precision.
    /// </summary>
    Tf32,
}

/// <summary>Precisions by name, and the devices that have them.</summary>
public static class Precisions
{
    /// <summary>The names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["float32", "tf32"];

    /// <summary>The name of a precision.</summary>
    /// <param name="precision">The precision.</param>
    public static string Name(this Precision precision) => Names[(int)precision];

    /// <summary>The precision of a name, on a device that has it.</summary>
    /// <param name="name">The name.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidRequestException">There is no such precision, or the device does not have it.</exception>
    public static Precision Named(string name, FoundDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        int index = Names.ToList().IndexOf(name);
        if (index < 0)
        {
            throw new InvalidRequestException($"unknown precision '{name}': use {string.Join(" or ", Names)}");
        }
        var precision = (Precision)index;
        return precision == Precision.Full || HasTensorCores(device.Device)
            ? precision
            : throw new InvalidRequestException(
                $"--precision {name} needs a CUDA GPU of compute capability 8.0 or later; {device.Name} is {device.Description}: leave it out");
    }

    // Tensor cores take TF32 from the architecture sm_80 on.
    static bool HasTensorCores(Device device) => device is CudaDevice { Architecture: { } architecture } && architecture >= CudaArchitecture.SM_80;
}
