using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

// The register tiles of TileGemm, for a thread of any device: rows of one value, one vector or two vectors, in tiles of 1, 2, 4 or 8 rows.
// Tiles are written by nesting, so that every value is a field, and every field a register.

/// <summary>A row of a register tile: neighboring columns of one row of C, or of B.</summary>
interface IRegisterRow<TSelf, TLanes>
    where TSelf : unmanaged, IRegisterRow<TSelf, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    static abstract TSelf Load<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes>;

    /// <summary>This + A[index]·b.</summary>
    TSelf MultiplyAdd<TMemory>(TMemory a, int index, TSelf b)
        where TMemory : struct, IMemory<TMemory, TLanes>;

    /// <summary>This·factor + c.</summary>
    TSelf Scaled(float factor, TSelf c);

    void Store<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes>;
}

/// <summary>One column, where fewer columns are left than there are lanes.</summary>
struct OneValue<TLanes> : IRegisterRow<OneValue<TLanes>, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    float value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneValue<TLanes> Load<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { value = memory.Read(0) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneValue<TLanes> MultiplyAdd<TMemory>(TMemory a, int index, OneValue<TLanes> b)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { value = TLanes.MultiplyAdd(a.Read(index), b.value, value) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneValue<TLanes> Scaled(float factor, OneValue<TLanes> c) =>
        new() { value = TLanes.MultiplyAdd(value, factor, c.value) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => memory.Write(0, value);
}

/// <summary>One vector: as many columns as there are lanes.</summary>
struct OneVector<TLanes> : IRegisterRow<OneVector<TLanes>, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    TLanes lanes;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneVector<TLanes> Load<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { lanes = memory.Load(0) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneVector<TLanes> MultiplyAdd<TMemory>(TMemory a, int index, OneVector<TLanes> b)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { lanes = TLanes.MultiplyAdd(b.lanes, a.Broadcast(index), lanes) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneVector<TLanes> Scaled(float factor, OneVector<TLanes> c) =>
        new() { lanes = TLanes.MultiplyAdd(lanes, TLanes.Broadcast(factor), c.lanes) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => memory.Store(0, lanes);
}

/// <summary>Two vectors: each value of A that is broadcast is used twice.</summary>
struct TwoVectors<TLanes> : IRegisterRow<TwoVectors<TLanes>, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    TLanes left;
    TLanes right;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoVectors<TLanes> Load<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { left = memory.Load(0), right = memory.Load(TLanes.Count) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwoVectors<TLanes> MultiplyAdd<TMemory>(TMemory a, int index, TwoVectors<TLanes> b)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes factor = a.Broadcast(index);
        return new() { left = TLanes.MultiplyAdd(b.left, factor, left), right = TLanes.MultiplyAdd(b.right, factor, right) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwoVectors<TLanes> Scaled(float factor, TwoVectors<TLanes> c)
    {
        TLanes factors = TLanes.Broadcast(factor);
        return new() { left = TLanes.MultiplyAdd(left, factors, c.left), right = TLanes.MultiplyAdd(right, factors, c.right) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        memory.Store(0, left);
        memory.Store(TLanes.Count, right);
    }
}

/// <summary>A register tile: a tile of C in registers, and the memory of its rows of A.</summary>
interface IRegisterTile<TSelf, TRow, TLanes, TMemory>
    where TSelf : struct, IRegisterTile<TSelf, TRow, TLanes, TMemory>
    where TRow : unmanaged, IRegisterRow<TRow, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    static abstract int Rows { get; }

    /// <summary>
    /// A tile of zeros for the rows of A from here on. Each row keeps its own memory: one offset along K then serves all rows.
    /// </summary>
    static abstract TSelf Of(TMemory a, long rowStride);

    /// <summary>One k-step: the tile + a column of A times a row of B.</summary>
    /// <param name="offset">Where the column stands in each row of A.</param>
    /// <param name="b">The row of B.</param>
    TSelf MultiplyAdd(int offset, TRow b);

    /// <summary>C = the tile.</summary>
    void Store(TMemory c, long rowStride);

    /// <summary>C += factor · the tile.</summary>
    void AddTo(TMemory c, long rowStride, float factor);
}

/// <summary>A tile of one row.</summary>
struct RegisterTile1<TRow, TLanes, TMemory> : IRegisterTile<RegisterTile1<TRow, TLanes, TMemory>, TRow, TLanes, TMemory>
    where TRow : unmanaged, IRegisterRow<TRow, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    TRow sum;
    TMemory left;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterTile1<TRow, TLanes, TMemory> Of(TMemory a, long rowStride) => new() { left = a };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly RegisterTile1<TRow, TLanes, TMemory> MultiplyAdd(int offset, TRow b) =>
        new() { sum = sum.MultiplyAdd(left, offset, b), left = left };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(TMemory c, long rowStride) => sum.Store(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(TMemory c, long rowStride, float factor) => sum.Scaled(factor, TRow.Load(c)).Store(c);
}

/// <summary>
/// Two tiles of the same kind, one upon the other: twice twice one row is a tile of 4 rows.
/// </summary>
struct TwiceRows<THalf, TRow, TLanes, TMemory> : IRegisterTile<TwiceRows<THalf, TRow, TLanes, TMemory>, TRow, TLanes, TMemory>
    where THalf : struct, IRegisterTile<THalf, TRow, TLanes, TMemory>
    where TRow : unmanaged, IRegisterRow<TRow, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    THalf upper;
    THalf lower;

    public static int Rows => 2 * THalf.Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceRows<THalf, TRow, TLanes, TMemory> Of(TMemory a, long rowStride) =>
        new() { upper = THalf.Of(a, rowStride), lower = THalf.Of(a.From(THalf.Rows * rowStride), rowStride) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwiceRows<THalf, TRow, TLanes, TMemory> MultiplyAdd(int offset, TRow b) =>
        new() { upper = upper.MultiplyAdd(offset, b), lower = lower.MultiplyAdd(offset, b) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(TMemory c, long rowStride)
    {
        upper.Store(c, rowStride);
        lower.Store(c.From(THalf.Rows * rowStride), rowStride);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(TMemory c, long rowStride, float factor)
    {
        upper.AddTo(c, rowStride, factor);
        lower.AddTo(c.From(THalf.Rows * rowStride), rowStride, factor);
    }
}
