using ILGPU;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>A buffer on a device, told before it is allocated.</summary>
/// <param name="Name">What it holds.</param>
/// <param name="Bytes">Its size in bytes.</param>
sealed record PlannedBuffer(string Name, long Bytes)
{
    /// <summary>A buffer of values of a type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="name">What it holds.</param>
    /// <param name="length">How many values.</param>
    public static PlannedBuffer Of<T>(string name, long length)
        where T : unmanaged => new(name, length * Interop.SizeOf<T>());
}
