using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Algorithms;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Thirty-two lanes, one in each thread of a warp, for the fused kernel on CUDA. Arithmetic by lanes is that of <see cref="Scalar"/>;
/// shuffles exchange values between lanes.
/// </summary>
readonly struct WarpLanes : ILanes<WarpLanes>
{
    public const int Lanes = 32;

    /// <summary>
    /// Rows that are summed at a time. Two steps, three shuffles, fold 4 rows into one value, which three more shuffles sum: a row by
    /// itself takes five.
    /// </summary>
    public const int SumRowCount = 4;

    readonly Scalar lane;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    WarpLanes(Scalar lane) => this.lane = lane;

    public static int Count => Lanes;

    public static int RegisterRows => 4;

    public static int RowsPerSum => SumRowCount;

    public static int Threads => Lanes;

    public static int Thread
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Warp.LaneIdx;
    }

    public float Sum => SumThreads(lane.First);

    public float Largest
    {
        get
        {
            float value = lane.First;
            for (int distance = Lanes / 2; distance > 0; distance /= 2)
            {
                value = XMath.Max(value, Warp.ShuffleXor(value, distance));
            }
            return value;
        }
    }

    /// <summary>This thread's value.</summary>
    public float First
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => lane.First;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sync() => Warp.Barrier();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float SumThreads(float value)
    {
        value += Warp.ShuffleXor(value, 16);
        value += Warp.ShuffleXor(value, 8);
        value += Warp.ShuffleXor(value, 4);
        value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }

    public static WarpLanes LoadPartial(ref float first, int count) => new(Scalar.LoadPartial(ref first, count - Thread));

    public void StorePartial(ref float first, int count) => lane.StorePartial(ref first, count - Thread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Broadcast(float value) => new(Scalar.Broadcast(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Ones(int count) => Broadcast(Thread < count ? 1f : 0f);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes operator +(WarpLanes a, WarpLanes b) => new(a.lane + b.lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes operator -(WarpLanes a, WarpLanes b) => new(a.lane - b.lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes operator *(WarpLanes a, WarpLanes b) => new(a.lane * b.lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes operator /(WarpLanes a, WarpLanes b) => new(a.lane / b.lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes MultiplyAdd(WarpLanes a, WarpLanes b, WarpLanes c) => new(Scalar.MultiplyAdd(a.lane, b.lane, c.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float MultiplyAdd(float a, float b, float c) => Scalar.MultiplyAdd(a, b, c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Max(WarpLanes a, WarpLanes b) => new(Scalar.Max(a.lane, b.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Sqrt(WarpLanes a) => new(Scalar.Sqrt(a.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Clamp(WarpLanes value, WarpLanes lowest, WarpLanes highest) =>
        new(Scalar.Clamp(value.lane, lowest.lane, highest.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Scale(WarpLanes a, WarpLanes n) => new(Scalar.Scale(a.lane, n.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Exponent(WarpLanes a) => new(Scalar.Exponent(a.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Significand(WarpLanes a) => new(Scalar.Significand(a.lane));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes Select(WarpLanes a, WarpLanes b, WarpLanes less, WarpLanes otherwise) =>
        new(Scalar.Select(a.lane, b.lane, less.lane, otherwise.lane));

    // A lane reads of each row only what it stored itself, so no barrier is needed. After the folds over bits 1 and 2, a lane holds a
    // partial sum of the row that its last two bits name. The butterfly over the other bits adds the eight partial sums of each row.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpLanes SumRows<TMemory>(TMemory rows)
        where TMemory : struct, IMemory<TMemory, WarpLanes>
    {
        float sum = Fold(
            Fold(rows.Load(0).First, rows.Load(Count).First, 1),
            Fold(rows.Load(2 * Count).First, rows.Load(3 * Count).First, 1),
            2);
        sum += Warp.ShuffleXor(sum, 4);
        sum += Warp.ShuffleXor(sum, 8);
        return Broadcast(sum + Warp.ShuffleXor(sum, 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose<TMemory>(TMemory source, int sourceStride, TMemory target, int targetStride)
        where TMemory : struct, IMemory<TMemory, WarpLanes>
    {
        for (int row = 0; row < Count; row++)
        {
            target.Write((Thread * targetStride) + row, source.Load(row * sourceStride).First);
        }
    }

    /// <summary>
    /// One step of a sum of two rows over the lanes, with one shuffle: a lane whose bit is 0 keeps the first row, another the second, and
    /// each adds its row's value of its partner across the bit.
    /// </summary>
    /// <param name="first">This lane's value of the first row.</param>
    /// <param name="second">This lane's value of the second row.</param>
    /// <param name="bit">1, 2, 4, 8 or 16.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float Fold(float first, float second, int bit)
    {
        bool isSecond = (Thread & bit) != 0;
        return (isSecond ? second : first) + Warp.ShuffleXor(isSecond ? first : second, bit);
    }
}

/// <summary>
/// Memory as a warp reads it: lanes are neighboring values, one for each thread, so loads are coalesced. The index of a single value is
/// each thread's own.
/// </summary>
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
    public WarpLanes LoadPartial(int index, int count) => LoadFirst(index, count);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void StorePartial(int index, int count, WarpLanes lanes) => StoreFirst(index, count, lanes);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int index, WarpLanes lanes) => memory.Write(index + WarpLanes.Thread, lanes.First);

    public void Prefetch(int index)
    {
    }
}
