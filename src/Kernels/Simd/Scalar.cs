using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Algorithms;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>One lane: a plain value, for every backend. Wider portable lanes are made of it (<see cref="TwiceLanes{THalf}"/>).</summary>
struct Scalar : IPortableLanes<Scalar>
{
    float value;

    public readonly float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value;
    }

    public readonly float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value;
    }

    public readonly float Largest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value;
    }

    public static int Count => 1;

    public static int RegisterRows => 4;

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
    public static Scalar Broadcast(float value) => new() { value = value };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Ones(int count) => Broadcast(count > 0 ? 1f : 0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar LoadPartial(ref float first, int count) => count > 0 ? Broadcast(first) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StorePartial(ref float first, int count)
    {
        if (count > 0)
        {
            first = value;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar LoadPartial(ArrayView<float> view, int start, int count) => count > 0 ? Load(view, start) : default;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void StorePartial(ArrayView<float> view, int start, int count)
    {
        if (count > 0)
        {
            Store(view, start);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator +(Scalar a, Scalar b) => Broadcast(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator -(Scalar a, Scalar b) => Broadcast(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator *(Scalar a, Scalar b) => Broadcast(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar operator /(Scalar a, Scalar b) => Broadcast(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar MultiplyAdd(Scalar a, Scalar b, Scalar c) => Broadcast(MultiplyAdd(a.value, b.value, c.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => (a * b) + c;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Max(Scalar a, Scalar b)
    {
        // a may be a constant, so it is the right operand: ILGPU would swap a constant on the left, and PTX would then take NaN for less.
        return Broadcast(b.value < a.value ? a.value : b.value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Sqrt(Scalar a) => Broadcast(XMath.Sqrt(a.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Clamp(Scalar value, Scalar lowest, Scalar highest)
    {
        // NaN is neither less nor greater, so it stays.
        float bounded = value.value < lowest.value ? lowest.value : value.value;
        return Broadcast(bounded > highest.value ? highest.value : bounded);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Scale(Scalar a, Scalar n) => Broadcast(a.value * Interop.IntAsFloat((uint)((int)n.value + 127) << 23));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Exponent(Scalar a) => Broadcast((int)(Interop.FloatAsInt(a.value) >> 23) - 126);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Significand(Scalar a) => Broadcast(Interop.IntAsFloat((Interop.FloatAsInt(a.value) & 0x007FFFFFu) | 0x3F000000u));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Select(Scalar a, Scalar b, Scalar less, Scalar otherwise) =>
        Broadcast(a.value < b.value ? less.value : otherwise.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, Scalar> => rows.Load(0);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, Scalar> => target.Store(0, source.Load(0));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Scalar Load(ArrayView<float> view, int start) => Broadcast(view[start]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ArrayView<float> view, int start) => view[start] = value;
}
