using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Memory by a view and a start in it, for every backend: the operands of tile operations. Portable lanes read it; other lanes convert it
/// to memory of their own.
/// </summary>
readonly struct ViewMemory(ArrayView<float> view, int start) : IMemory<ViewMemory, PortableLanes>
{
    readonly ArrayView<float> view = view;
    readonly int start = start;

    /// <summary>The memory as float4s, each of which is one load. The memory begins at a multiple of 4 values.</summary>
    internal ArrayView<Float4> Float4s
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => view.Cast<Float4>().SubView(start / Float4.Count);
    }

    /// <summary>The first value, whose address is the memory's on the CPU accelerator.</summary>
    internal ref float First => ref view[start];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ViewMemory At(ViewMemory view) => view;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ViewMemory From(long offset) => new(view, start + (int)offset);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Read(int index) => view[start + index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PortableLanes Broadcast(int index) => PortableLanes.Broadcast(view[start + index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int index, float value) => view[start + index] = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ReadInteger(int index) => (int)Interop.FloatAsInt(view[start + index]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteInteger(int index, int value) => view[start + index] = Interop.IntAsFloat((uint)value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PortableLanes Load(int index) => PortableLanes.Load(view, start + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PortableLanes LoadFirst(int index, int count) => Load(index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StoreFirst(int index, int count, PortableLanes lanes) => Store(index, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PortableLanes LoadPartial(int index, int count) =>
        count >= PortableLanes.Count ? Load(index) : PortableLanes.LoadPartial(view, start + index, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StorePartial(int index, int count, PortableLanes lanes)
    {
        if (count >= PortableLanes.Count)
        {
            Store(index, lanes);
        }
        else
        {
            lanes.StorePartial(view, start + index, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int index, PortableLanes lanes) => lanes.Store(view, start + index);

    public void Prefetch(int index)
    {
    }
}
