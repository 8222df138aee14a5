using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Eight lanes: a 256-bit register. For the CPU accelerator on processors with AVX2 and FMA but without AVX-512.</summary>
readonly struct Avx2Lanes(Vector256<float> value) : ILanes<Avx2Lanes>
{
    readonly Vector256<float> value = value;

    public float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value.ToScalar();
    }

    public float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector256.Sum(value);
    }

    public float Largest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            Vector128<float> four = Vector128.MaxNative(value.GetLower(), value.GetUpper());
            Vector128<float> two = Vector128.MaxNative(four, Vector128.Shuffle(four, Vector128.Create(2, 3, 2, 3)));
            return MathF.Max(two[0], two[1]);
        }
    }

    public static int Count => 8;

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
    public static Avx2Lanes Broadcast(float value) => new(Vector256.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Ones(int count) =>
        new(FirstLanes(count) & Vector256<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Avx2Lanes LoadPartial(ref float first, int count) =>
        new(Avx.MaskLoad((float*)Unsafe.AsPointer(ref first), FirstLanes(count)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void StorePartial(ref float first, int count) =>
        Avx.MaskStore((float*)Unsafe.AsPointer(ref first), FirstLanes(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes operator +(Avx2Lanes a, Avx2Lanes b) => new(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes operator -(Avx2Lanes a, Avx2Lanes b) => new(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes operator *(Avx2Lanes a, Avx2Lanes b) => new(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes operator /(Avx2Lanes a, Avx2Lanes b) => new(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes MultiplyAdd(Avx2Lanes a, Avx2Lanes b, Avx2Lanes c) =>
        new(Vector256.FusedMultiplyAdd(a.value, b.value, c.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Max(Avx2Lanes a, Avx2Lanes b) => new(Vector256.MaxNative(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Sqrt(Avx2Lanes a) => new(Vector256.Sqrt(a.value));

    // Where an operand is NaN, the minimum and maximum of x86 give their second operand: the value is second, so that NaN stays NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Clamp(Avx2Lanes value, Avx2Lanes lowest, Avx2Lanes highest) =>
        new(Vector256.MinNative(highest.value, Vector256.MaxNative(lowest.value, value.value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Scale(Avx2Lanes a, Avx2Lanes n) =>
        new(a.value * ((Vector256.ConvertToInt32Native(n.value) + Vector256.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Exponent(Avx2Lanes a) => new(Vector256.ConvertToSingle((a.value.AsInt32() >>> 23) - Vector256.Create(126)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Significand(Avx2Lanes a) =>
        new(((a.value.AsInt32() & Vector256.Create(0x007FFFFF)) | Vector256.Create(0x3F000000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx2Lanes Select(Avx2Lanes a, Avx2Lanes b, Avx2Lanes less, Avx2Lanes otherwise) =>
        new(Vector256.ConditionalSelect(Vector256.LessThan(a.value, b.value), less.value, otherwise.value));

    // Each step adds neighboring lanes of two vectors into one vector: 8 rows become 4, 2 and 1, with the sum of a row in each lane.
    public static Avx2Lanes SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, Avx2Lanes>
    {
        Vector256<float> first = SumFourRows(rows, 0), second = SumFourRows(rows, 4);
        return new(Avx.Permute2x128(first, second, 0x20) + Avx.Permute2x128(first, second, 0x31));

        static Vector256<float> SumFourRows(TMemory rows, int first) => Sum4(
            Sum2(rows.Load(first * 8).value, rows.Load((first + 1) * 8).value),
            Sum2(rows.Load((first + 2) * 8).value, rows.Load((first + 3) * 8).value));
    }

    public static void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, Avx2Lanes>
    {
        // Transpose 4 x 4 blocks within the 128-bit halves of 4 rows, then exchange the halves.
        (Vector256<float> a0, Vector256<float> a1, Vector256<float> a2, Vector256<float> a3) =
            TransposeFourRows(source, sourceStride);
        (Vector256<float> b0, Vector256<float> b1, Vector256<float> b2, Vector256<float> b3) =
            TransposeFourRows(source.From(4 * sourceStride), sourceStride);
        Exchange(a0, b0, target, targetStride);
        Exchange(a1, b1, target.From(targetStride), targetStride);
        Exchange(a2, b2, target.From(2 * targetStride), targetStride);
        Exchange(a3, b3, target.From(3 * targetStride), targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector256<float> Row0, Vector256<float> Row1, Vector256<float> Row2, Vector256<float> Row3) TransposeFourRows<TMemory>(
        TMemory source, int stride)
        where TMemory : struct, IMemory<TMemory, Avx2Lanes>
    {
        Vector256<float> r0 = source.Load(0).value, r1 = source.Load(stride).value,
            r2 = source.Load(2 * stride).value, r3 = source.Load(3 * stride).value;
        Vector256<double> low01 = Avx.UnpackLow(r0, r1).AsDouble(), high01 = Avx.UnpackHigh(r0, r1).AsDouble();
        Vector256<double> low23 = Avx.UnpackLow(r2, r3).AsDouble(), high23 = Avx.UnpackHigh(r2, r3).AsDouble();
        return (
            Avx.UnpackLow(low01, low23).AsSingle(), Avx.UnpackHigh(low01, low23).AsSingle(),
            Avx.UnpackLow(high01, high23).AsSingle(), Avx.UnpackHigh(high01, high23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Exchange<TMemory>(Vector256<float> a, Vector256<float> b, TMemory target, int stride)
        where TMemory : struct, IMemory<TMemory, Avx2Lanes>
    {
        target.Store(0, new(Avx.Permute2x128(a, b, 0x20)));
        target.Store(4 * stride, new(Avx.Permute2x128(a, b, 0x31)));
    }

    // The steps of SumRows. Unpacking and shuffling stay within the 128-bit halves, which the last step exchanges.
    static Vector256<float> Sum2(Vector256<float> a, Vector256<float> b) => Avx.UnpackLow(a, b) + Avx.UnpackHigh(a, b);

    static Vector256<float> Sum4(Vector256<float> a, Vector256<float> b) => Avx.Shuffle(a, b, 0x44) + Avx.Shuffle(a, b, 0xEE);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<float> FirstLanes(int count) =>
        Vector256.LessThan(Vector256<int>.Indices, Vector256.Create(count)).AsSingle();
}
