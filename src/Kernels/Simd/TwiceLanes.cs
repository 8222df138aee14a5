using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Lanes for every backend, which kernels also load from views. The start is the index of the first value.</summary>
interface IPortableLanes<TSelf> : ILanes<TSelf>
    where TSelf : unmanaged, IPortableLanes<TSelf>
{
    /// <summary>Loads neighboring values.</summary>
    static abstract TSelf Load(ArrayView<float> view, int start);

    /// <summary>Loads as many neighboring values as counted; 0 in the other lanes, whose values are not read.</summary>
    static abstract TSelf LoadPartial(ArrayView<float> view, int start, int count);

    /// <summary>Stores the lanes as neighboring values.</summary>
    void Store(ArrayView<float> view, int start);

    /// <summary>Stores as many of the first lanes as counted, and nothing else.</summary>
    void StorePartial(ArrayView<float> view, int start, int count);
}

/// <summary>
/// Portable lanes, for every backend: twice as many as their half, so that a pair of a pair of a pair of scalars is eight lanes. Each lane
/// is a field, which stays in a register, where an array indexed by a loop would go to local memory; OpenCL on a processor vectorizes them.
/// </summary>
struct TwiceLanes<THalf> : IPortableLanes<TwiceLanes<THalf>>
    where THalf : unmanaged, IPortableLanes<THalf>
{
    THalf lower;
    THalf upper;

    public readonly float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => lower.First;
    }

    public readonly float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => lower.Sum + upper.Sum;
    }

    public readonly float Largest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => THalf.Max(lower, upper).Largest;
    }

    public static int Count => 2 * THalf.Count;

    public static int RegisterRows => THalf.RegisterRows;

    public static int RowsPerSum => Count;

    public static int Threads => 1;

    public static int Thread => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sync()
    {
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumThreads(float value) => value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Broadcast(float value) => Of(THalf.Broadcast(value), THalf.Broadcast(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Ones(int count) => Of(THalf.Ones(count), THalf.Ones(count - THalf.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> LoadPartial(ref float first, int count) =>
        Of(THalf.LoadPartial(ref first, count), THalf.LoadPartial(ref Unsafe.Add(ref first, THalf.Count), count - THalf.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StorePartial(ref float first, int count)
    {
        lower.StorePartial(ref first, count);
        upper.StorePartial(ref Unsafe.Add(ref first, THalf.Count), count - THalf.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> operator +(TwiceLanes<THalf> a, TwiceLanes<THalf> b) => Of(a.lower + b.lower, a.upper + b.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> operator -(TwiceLanes<THalf> a, TwiceLanes<THalf> b) => Of(a.lower - b.lower, a.upper - b.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> operator *(TwiceLanes<THalf> a, TwiceLanes<THalf> b) => Of(a.lower * b.lower, a.upper * b.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> operator /(TwiceLanes<THalf> a, TwiceLanes<THalf> b) => Of(a.lower / b.lower, a.upper / b.upper);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> MultiplyAdd(TwiceLanes<THalf> a, TwiceLanes<THalf> b, TwiceLanes<THalf> c) =>
        Of(THalf.MultiplyAdd(a.lower, b.lower, c.lower), THalf.MultiplyAdd(a.upper, b.upper, c.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => THalf.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Max(TwiceLanes<THalf> a, TwiceLanes<THalf> b) =>
        Of(THalf.Max(a.lower, b.lower), THalf.Max(a.upper, b.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Sqrt(TwiceLanes<THalf> a) => Of(THalf.Sqrt(a.lower), THalf.Sqrt(a.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Clamp(TwiceLanes<THalf> value, TwiceLanes<THalf> lowest, TwiceLanes<THalf> highest) =>
        Of(THalf.Clamp(value.lower, lowest.lower, highest.lower), THalf.Clamp(value.upper, lowest.upper, highest.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Scale(TwiceLanes<THalf> a, TwiceLanes<THalf> n) =>
        Of(THalf.Scale(a.lower, n.lower), THalf.Scale(a.upper, n.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Exponent(TwiceLanes<THalf> a) => Of(THalf.Exponent(a.lower), THalf.Exponent(a.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Significand(TwiceLanes<THalf> a) => Of(THalf.Significand(a.lower), THalf.Significand(a.upper));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Select(
        TwiceLanes<THalf> a, TwiceLanes<THalf> b, TwiceLanes<THalf> less, TwiceLanes<THalf> otherwise) => Of(
        THalf.Select(a.lower, b.lower, less.lower, otherwise.lower), THalf.Select(a.upper, b.upper, less.upper, otherwise.upper));

    // Through memory: a sum across the fields would keep a compiler from vectorizing the code that computed them.
    public static TwiceLanes<THalf> SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, TwiceLanes<THalf>>
    {
        for (int row = 0; row < Count; row++)
        {
            float sum = 0f;
            for (int lane = 0; lane < Count; lane++)
            {
                sum += rows.Read((row * Count) + lane);
            }
            rows.Write(row, sum);
        }
        return rows.Load(0);
    }

    public static void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, TwiceLanes<THalf>>
    {
        for (int row = 0; row < Count; row++)
        {
            for (int column = 0; column < Count; column++)
            {
                target.Write((column * targetStride) + row, source.Read((row * sourceStride) + column));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> Load(ArrayView<float> view, int start) =>
        Of(THalf.Load(view, start), THalf.Load(view, start + THalf.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int start)
    {
        lower.Store(view, start);
        upper.Store(view, start + THalf.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceLanes<THalf> LoadPartial(ArrayView<float> view, int start, int count) =>
        Of(THalf.LoadPartial(view, start, count), THalf.LoadPartial(view, start + THalf.Count, count - THalf.Count));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StorePartial(ArrayView<float> view, int start, int count)
    {
        lower.StorePartial(view, start, count);
        upper.StorePartial(view, start + THalf.Count, count - THalf.Count);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TwiceLanes<THalf> Of(THalf lower, THalf upper) => new() { lower = lower, upper = upper };
}
