using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Memory by its address, for the CPU accelerator: a tile operation takes the address once and then reads at full speed, where each
/// access to an element by a view is many times slower.
/// </summary>
readonly unsafe struct Pointer<TLanes>(float* start) : IMemory<Pointer<TLanes>, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    readonly float* start = start;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Pointer<TLanes> At(ViewMemory view) => new((float*)Unsafe.AsPointer(ref view.First));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Pointer<TLanes> From(long offset) => new(start + offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Read(int index) => start[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Broadcast(int index) => TLanes.Broadcast(start[index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int index, float value) => start[index] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInteger(int index) => ((int*)start)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInteger(int index, int value) => ((int*)start)[index] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes Load(int index) => Unsafe.ReadUnaligned<TLanes>(start + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes LoadFirst(int index, int count) => Load(index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(int index, int count, TLanes lanes) => Store(index, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public TLanes LoadPartial(int index, int count) =>
        count >= TLanes.Count ? Load(index) : TLanes.LoadPartial(ref start[index], count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StorePartial(int index, int count, TLanes lanes)
    {
        if (count >= TLanes.Count)
        {
            Store(index, lanes);
        }
        else
        {
            lanes.StorePartial(ref start[index], count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int index, TLanes lanes) => Unsafe.WriteUnaligned(start + index, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Prefetch(int index)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(start + index);
        }
    }
}
