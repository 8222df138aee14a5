using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Memory as a warp reads it: lanes are neighbouring values, one for each thread. An index of a single value is each thread's own.</summary>
/// <param name="memory">The memory.</param>
readonly struct WarpMemory(ViewMemory memory) : IMemory<WarpMemory, WarpLanes>
{
    readonly ViewMemory memory = memory;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpMemory At(ViewMemory view) => new(view);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WarpMemory From(long offset) => new(memory.From(offset));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Read(int index) => memory.Read(index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WarpLanes Broadcast(int index) => WarpLanes.Broadcast(memory.Read(index));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int index, float value) => memory.Write(index, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInteger(int index) => memory.ReadInteger(index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInteger(int index, int value) => memory.WriteInteger(index, value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WarpLanes Load(int index) => WarpLanes.Broadcast(memory.Read(index + WarpLanes.Thread));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public WarpLanes LoadFirst(int index, int count) => WarpLanes.Thread < count ? Load(index) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(int index, int count, WarpLanes lanes)
    {
        if (WarpLanes.Thread < count)
        {
            Store(index, lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int index, WarpLanes lanes) => memory.Write(index + WarpLanes.Thread, lanes.Value);
}
