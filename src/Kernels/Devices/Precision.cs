using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>The precision of matrix products. Everything else is computed in single precision.</summary>
public enum Precision
{
    /// <summary>Single precision: a significand of 24 bits.</summary>
    Full,

    /// <summary>
    /// TF32: large products round their operands to significands of 11 bits and run on tensor cores, which accumulate in single precision.
    /// </summary>
    Tf32,
}

/// <summary>The names of the precisions, and which devices support them.</summary>
static class Precisions
{
    /// <summary>The names, the default first.</summary>
    public static IReadOnlyList<string> Names { get; } = ["float32", "tf32"];

    /// <summary>The name of a precision.</summary>
    /// <param name="precision">The precision.</param>
    public static string Name(this Precision precision) => Names[(int)precision];

    /// <summary>The precision of a name, for a device that supports it.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="device">The device.</param>
    /// <exception cref="InvalidRequestException">There is no such precision, or the device does not support it.</exception>
    public static Precision Named(string name, FoundDevice device)
    {
        ArgumentNullException.ThrowIfNull(device);
        int index = Names.ToList().IndexOf(name);
        if (index < 0)
        {
            throw new InvalidRequestException(
                $"unknown precision '{name}'{Suggestion.For(name, Names)}: use {string.Join(" or ", Names)}");
        }
        var precision = (Precision)index;
        return precision == Precision.Full || HasTf32(device.Device)
            ? precision
            : throw new InvalidRequestException(
                $"{SettingName.Precision} {name} needs a CUDA GPU of compute capability 8.0 or later; {device.Name} is "
                + $"{device.Description}: leave it out");
    }

    // Tensor cores support TF32 since sm_80.
    static bool HasTf32(Device device) =>
        device is CudaDevice { Architecture: { } architecture } && architecture >= CudaArchitecture.SM_80;
}
