using System.Runtime.InteropServices;
using System.Text;

namespace Makemore.Gpu.Cuda.Tests.Driver;

/// <summary>A device that the stand-in shows, and the driver that it claims to be.</summary>
/// <param name="Name">The device's name.</param>
/// <param name="Major">The compute capability.</param>
/// <param name="Minor">Its second part.</param>
/// <param name="Multiprocessors">How many multiprocessors.</param>
/// <param name="ThreadsPerMultiprocessor">The maximum of threads that live on one.</param>
/// <param name="SharedKilobytes">Shared memory of one.</param>
sealed record StandInDevice(string Name, int Major, int Minor, int Multiprocessors, int ThreadsPerMultiprocessor, int SharedKilobytes)
{
    /// <summary>The devices of the architectures that kernels are assembled for: a T4, an A100, an H100.</summary>
    public static IReadOnlyList<StandInDevice> All { get; } =
    [
        new("Turing", 7, 5, 40, 1024, 64),
        new("Ampere", 8, 0, 108, 2048, 164),
        new("Hopper", 9, 0, 132, 2048, 228),
    ];

    /// <summary>The newest of them, which tests of anything but kernels take.</summary>
    public static StandInDevice Newest => All[^1];

    /// <summary>Memory of the device.</summary>
    public long MemoryBytes { get; init; } = 16L << 30;

    /// <summary>
    /// The version of CUDA that the driver knows, 1000 for each major and 10 for each minor: by it, ILGPU chooses the version of PTX.
    /// </summary>
    public int DriverVersion { get; init; } = 12040;

    /// <summary>How many such devices there are.</summary>
    public int Count { get; init; } = 1;

    /// <summary>The architecture by the name that the assembler knows.</summary>
    public string Architecture => $"sm_{Major}{Minor}";

    /// <inheritdoc/>
    public override string ToString() => Architecture;

    /// <summary>The device as the stand-in reads it.</summary>
    internal unsafe NativeDevice ToNative()
    {
        var native = new NativeDevice
        {
            Major = Major,
            Minor = Minor,
            Multiprocessors = Multiprocessors,
            ThreadsPerMultiprocessor = ThreadsPerMultiprocessor,
            SharedBytesPerMultiprocessor = SharedKilobytes << 10,
            MemoryBytes = (ulong)MemoryBytes,
            DriverVersion = DriverVersion,
            Count = Count,
        };
        Encoding.ASCII.GetBytes(Name, new Span<byte>(native.Name, NativeDevice.NameBytes - 1));
        return native;
    }
}

/// <summary>The structure <c>device</c> of standin.h.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeDevice
{
    public const int NameBytes = 128;

    public fixed byte Name[NameBytes];
    public int Major;
    public int Minor;
    public int Multiprocessors;
    public int ThreadsPerMultiprocessor;
    public int SharedBytesPerMultiprocessor;
    public ulong MemoryBytes;
    public int DriverVersion;
    public int Count;
}
