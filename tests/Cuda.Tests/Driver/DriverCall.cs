using System.Runtime.InteropServices;

namespace Makemore.Gpu.Cuda.Tests.Driver;

/// <summary>How a call of the driver stands to the device's work.</summary>
enum CallMode
{
    /// <summary>Done at once.</summary>
    Plain,

    /// <summary>Written into a graph, in place of being done.</summary>
    Captured,

    /// <summary>Done by a graph that was launched.</summary>
    Replayed,
}

/// <summary>Which way a copy goes.</summary>
enum CopyDirection
{
    None,
    HostToHost,
    HostToDevice,
    DeviceToHost,
    DeviceToDevice,
}

/// <summary>One call of the stand-in driver.</summary>
/// <param name="Name">The driver's function.</param>
/// <param name="Error">What it returned; 0 for success.</param>
/// <param name="Mode">Whether its work was done, captured or replayed.</param>
/// <param name="Stream">The stream; 0 for the default one.</param>
/// <param name="Function">Of a launch, the handle of its function.</param>
/// <param name="Kernel">Of a launch, the kernel's name in its module; else null.</param>
/// <param name="Groups">Of a launch, the number of groups.</param>
/// <param name="GroupSize">Of a launch, the threads of a group.</param>
/// <param name="SharedBytes">Of a launch, its dynamic shared memory.</param>
/// <param name="Arguments">Of a launch, the bytes of its arguments.</param>
/// <param name="Direction">Of a copy, which way it goes.</param>
/// <param name="Address">What was allocated, freed, set or written.</param>
/// <param name="Source">Of a copy, what was read.</param>
/// <param name="Bytes">How many bytes of memory.</param>
sealed record DriverCall(
    string Name, int Error, CallMode Mode, nint Stream, nint Function, string? Kernel, long Groups, int GroupSize,
    int SharedBytes, byte[] Arguments, CopyDirection Direction, nint Address, nint Source, long Bytes)
{
    /// <summary>Reads a call as it lies in the stand-in's memory.</summary>
    /// <param name="call">The call.</param>
    public static unsafe DriverCall Read(NativeCall* call)
    {
        var arguments = new byte[call->Arguments is null ? 0 : (int)call->ArgumentBytes];
        new ReadOnlySpan<byte>(call->Arguments, arguments.Length).CopyTo(arguments);
        return new DriverCall(
            Marshal.PtrToStringUTF8(call->Name)!, call->Error, (CallMode)call->Mode,
            call->Stream, call->Function, Marshal.PtrToStringUTF8(call->Kernel),
            (long)call->GridX * call->GridY * call->GridZ, (int)(call->BlockX * call->BlockY * call->BlockZ),
            (int)call->SharedBytes, arguments, (CopyDirection)call->Direction, call->Address, call->Source, (long)call->Bytes);
    }

    /// <inheritdoc/>
    public override string ToString() => Kernel is null ? Name : $"{Name} {Kernel}";
}

/// <summary>The structure <c>call</c> of standin.h.</summary>
[StructLayout(LayoutKind.Sequential)]
unsafe struct NativeCall
{
    public nint Name;
    public int Error;
    public int Mode;
    public nint Stream;
    public nint Function;
    public nint Kernel;
    public uint GridX;
    public uint GridY;
    public uint GridZ;
    public uint BlockX;
    public uint BlockY;
    public uint BlockZ;
    public uint SharedBytes;
    public int Direction;
    public ulong ArgumentBytes;
    public byte* Arguments;
    public nint Address;
    public nint Source;
    public ulong Bytes;
    public int Value;
}
