using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Sixteen lanes: a 512-bit register. For the CPU accelerator on processors with AVX-512.</summary>
readonly struct Avx512Lanes(Vector512<float> value) : ILanes<Avx512Lanes>
{
    readonly Vector512<float> value = value;

    public float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => value.ToScalar();
    }

    public float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Vector512.Sum(value);
    }

    public float Largest
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new Avx2Lanes(Vector256.MaxNative(value.GetLower(), value.GetUpper())).Largest;
    }

    public static int Count => 16;

    public static int RegisterRows => 8;

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
    public static Avx512Lanes Broadcast(float value) => new(Vector512.Create(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Ones(int count) =>
        new(FirstLanes(count) & Vector512<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static unsafe Avx512Lanes LoadPartial(ref float first, int count) =>
        new(Avx512F.MaskLoad((float*)Unsafe.AsPointer(ref first), FirstLanes(count), Vector512<float>.Zero));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public unsafe void StorePartial(ref float first, int count) =>
        Avx512F.MaskStore((float*)Unsafe.AsPointer(ref first), FirstLanes(count), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes operator +(Avx512Lanes a, Avx512Lanes b) => new(a.value + b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes operator -(Avx512Lanes a, Avx512Lanes b) => new(a.value - b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes operator *(Avx512Lanes a, Avx512Lanes b) => new(a.value * b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes operator /(Avx512Lanes a, Avx512Lanes b) => new(a.value / b.value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes MultiplyAdd(Avx512Lanes a, Avx512Lanes b, Avx512Lanes c) =>
        new(Vector512.FusedMultiplyAdd(a.value, b.value, c.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Max(Avx512Lanes a, Avx512Lanes b) => new(Vector512.MaxNative(a.value, b.value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Sqrt(Avx512Lanes a) => new(Vector512.Sqrt(a.value));

    // Where an operand is NaN, the minimum and maximum of x86 give their second operand: the value is second, so that NaN stays NaN.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Clamp(Avx512Lanes value, Avx512Lanes lowest, Avx512Lanes highest) =>
        new(Vector512.MinNative(highest.value, Vector512.MaxNative(lowest.value, value.value)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Scale(Avx512Lanes a, Avx512Lanes n) =>
        new(a.value * ((Vector512.ConvertToInt32Native(n.value) + Vector512.Create(127)) << 23).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Exponent(Avx512Lanes a) => new(Vector512.ConvertToSingle((a.value.AsInt32() >>> 23) - Vector512.Create(126)));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Significand(Avx512Lanes a) =>
        new(((a.value.AsInt32() & Vector512.Create(0x007FFFFF)) | Vector512.Create(0x3F000000)).AsSingle());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Avx512Lanes Select(Avx512Lanes a, Avx512Lanes b, Avx512Lanes less, Avx512Lanes otherwise) =>
        new(Vector512.ConditionalSelect(Vector512.LessThan(a.value, b.value), less.value, otherwise.value));

    // Each step adds neighboring lanes of two vectors into one vector: 16 rows become 8, 4, 2 and 1, with the sum of a row in each lane.
    public static Avx512Lanes SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, Avx512Lanes>
    {
        return new(Sum8(Sum8(SumFourRows(rows, 0), SumFourRows(rows, 4)), Sum8(SumFourRows(rows, 8), SumFourRows(rows, 12))));

        static Vector512<float> SumFourRows(TMemory rows, int first) => Sum4(
            Sum2(rows.Load(first * 16).value, rows.Load((first + 1) * 16).value),
            Sum2(rows.Load((first + 2) * 16).value, rows.Load((first + 3) * 16).value));
    }

    public static void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, Avx512Lanes>
    {
        // Transpose 4 x 4 blocks within the 128-bit quarters of 4 rows, then exchange the quarters.
        (Vector512<float> a0, Vector512<float> a1, Vector512<float> a2, Vector512<float> a3) =
            TransposeFourRows(source, sourceStride);
        (Vector512<float> b0, Vector512<float> b1, Vector512<float> b2, Vector512<float> b3) =
            TransposeFourRows(source.From(4 * sourceStride), sourceStride);
        (Vector512<float> c0, Vector512<float> c1, Vector512<float> c2, Vector512<float> c3) =
            TransposeFourRows(source.From(8 * sourceStride), sourceStride);
        (Vector512<float> d0, Vector512<float> d1, Vector512<float> d2, Vector512<float> d3) =
            TransposeFourRows(source.From(12 * sourceStride), sourceStride);
        Exchange(a0, b0, c0, d0, target, targetStride);
        Exchange(a1, b1, c1, d1, target.From(targetStride), targetStride);
        Exchange(a2, b2, c2, d2, target.From(2 * targetStride), targetStride);
        Exchange(a3, b3, c3, d3, target.From(3 * targetStride), targetStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (Vector512<float> Row0, Vector512<float> Row1, Vector512<float> Row2, Vector512<float> Row3) TransposeFourRows<TMemory>(
        TMemory source, int stride)
        where TMemory : struct, IMemory<TMemory, Avx512Lanes>
    {
        Vector512<float> r0 = source.Load(0).value, r1 = source.Load(stride).value,
            r2 = source.Load(2 * stride).value, r3 = source.Load(3 * stride).value;
        Vector512<double> low01 = Avx512F.UnpackLow(r0, r1).AsDouble(), high01 = Avx512F.UnpackHigh(r0, r1).AsDouble();
        Vector512<double> low23 = Avx512F.UnpackLow(r2, r3).AsDouble(), high23 = Avx512F.UnpackHigh(r2, r3).AsDouble();
        return (
            Avx512F.UnpackLow(low01, low23).AsSingle(), Avx512F.UnpackHigh(low01, low23).AsSingle(),
            Avx512F.UnpackLow(high01, high23).AsSingle(), Avx512F.UnpackHigh(high01, high23).AsSingle());
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static void Exchange<TMemory>(
        Vector512<float> a, Vector512<float> b, Vector512<float> c, Vector512<float> d, TMemory target, int stride)
        where TMemory : struct, IMemory<TMemory, Avx512Lanes>
    {
        Vector512<float> abEven = Avx512F.Shuffle4x128(a, b, 0x88), cdEven = Avx512F.Shuffle4x128(c, d, 0x88);
        Vector512<float> abOdd = Avx512F.Shuffle4x128(a, b, 0xDD), cdOdd = Avx512F.Shuffle4x128(c, d, 0xDD);
        target.Store(0, new(Avx512F.Shuffle4x128(abEven, cdEven, 0x88)));
        target.Store(4 * stride, new(Avx512F.Shuffle4x128(abOdd, cdOdd, 0x88)));
        target.Store(8 * stride, new(Avx512F.Shuffle4x128(abEven, cdEven, 0xDD)));
        target.Store(12 * stride, new(Avx512F.Shuffle4x128(abOdd, cdOdd, 0xDD)));
    }

    // The steps of SumRows. Sum2 and Sum4 stay within the 128-bit quarters; Sum8, run twice, adds the quarters.
    static Vector512<float> Sum2(Vector512<float> a, Vector512<float> b) => Avx512F.UnpackLow(a, b) + Avx512F.UnpackHigh(a, b);

    static Vector512<float> Sum4(Vector512<float> a, Vector512<float> b) => Avx512F.Shuffle(a, b, 0x44) + Avx512F.Shuffle(a, b, 0xEE);

    static Vector512<float> Sum8(Vector512<float> a, Vector512<float> b) =>
        Avx512F.Shuffle4x128(a, b, 0x88) + Avx512F.Shuffle4x128(a, b, 0xDD);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector512<float> FirstLanes(int count) =>
        Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(count)).AsSingle();
}
