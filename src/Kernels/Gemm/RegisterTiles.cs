using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Neighboring columns of one row of a matrix, in registers.</summary>
/// <typeparam name="TSelf">The columns.</typeparam>
/// <typeparam name="TLanes">The lanes of memory.</typeparam>
interface IRegisterRow<TSelf, TLanes>
    where TSelf : unmanaged, IRegisterRow<TSelf, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    static abstract TSelf Load<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes>;

    /// <summary>This + a·b, where a is a value of a memory.</summary>
    TSelf MultiplyAdd<TMemory>(TMemory a, int index, TSelf b)
        where TMemory : struct, IMemory<TMemory, TLanes>;

    /// <summary>This·factor + c.</summary>
    TSelf Scaled(float factor, TSelf c);

    void Store<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes>;
}

/// <summary>A single column, for what is narrower than the lanes.</summary>
struct OneValue<TLanes> : IRegisterRow<OneValue<TLanes>, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    float value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneValue<TLanes> Load<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { value = memory.Read(0) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneValue<TLanes> MultiplyAdd<TMemory>(TMemory a, int index, OneValue<TLanes> b)
        where TMemory : struct, IMemory<TMemory, TLanes> => new() { value = (a.Read(index) * b.value) + value };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneValue<TLanes> Scaled(float factor, OneValue<TLanes> c) => new() { value = (value * factor) + c.value };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store<TMemory>(TMemory memory)
        where TMemory : struct, IMemory<TMemory, TLanes> => memory.Write(0, value);
}

/// <summary>As many columns as there are lanes.</summary>
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

/// <summary>Twice as many columns as there are lanes: each value of the other matrix that is loaded is used twice.</summary>
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

/// <summary>A block of a matrix product in registers: some rows of some columns, and where the rows of A are.</summary>
/// <typeparam name="TSelf">The block.</typeparam>
/// <typeparam name="TColumns">Its columns.</typeparam>
/// <typeparam name="TLanes">The lanes of memory.</typeparam>
/// <typeparam name="TMemory">How memory is reached.</typeparam>
interface IRegisterTile<TSelf, TColumns, TLanes, TMemory>
    where TSelf : struct, IRegisterTile<TSelf, TColumns, TLanes, TMemory>
    where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    /// <summary>How many rows.</summary>
    static abstract int Rows { get; }

    /// <summary>A block of zeros for some rows of A. Each keeps its own place, so that a step along the depth is one index for all.</summary>
    static abstract TSelf Of(TMemory a, long rowStride);

    /// <summary>The block + a column of A times a row of B.</summary>
    TSelf MultiplyAdd(int column, TColumns b);

    /// <summary>C = the block.</summary>
    void Store(TMemory c, long rowStride);

    /// <summary>C = C + factor · the block.</summary>
    void AddTo(TMemory c, long rowStride, float factor);
}

/// <summary>A block of one row.</summary>
struct RegisterTile1<TColumns, TLanes, TMemory> : IRegisterTile<RegisterTile1<TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>
    where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    TColumns columns;
    TMemory row;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RegisterTile1<TColumns, TLanes, TMemory> Of(TMemory a, long rowStride) => new() { row = a };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly RegisterTile1<TColumns, TLanes, TMemory> MultiplyAdd(int column, TColumns b) =>
        new() { columns = columns.MultiplyAdd(row, column, b), row = row };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(TMemory c, long rowStride) => columns.Store(c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void AddTo(TMemory c, long rowStride, float factor) => columns.Scaled(factor, TColumns.Load(c)).Store(c);
}

/// <summary>
/// A block upon a block of the same kind. Twice of twice of one row is four rows: every field is a register, and no size is written out.
/// </summary>
struct TwiceRows<THalf, TColumns, TLanes, TMemory> : IRegisterTile<TwiceRows<THalf, TColumns, TLanes, TMemory>, TColumns, TLanes, TMemory>
    where THalf : struct, IRegisterTile<THalf, TColumns, TLanes, TMemory>
    where TColumns : unmanaged, IRegisterRow<TColumns, TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
    where TMemory : struct, IMemory<TMemory, TLanes>
{
    THalf upper;
    THalf lower;

    public static int Rows => 2 * THalf.Rows;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwiceRows<THalf, TColumns, TLanes, TMemory> Of(TMemory a, long rowStride) =>
        new() { upper = THalf.Of(a, rowStride), lower = THalf.Of(a.From(THalf.Rows * rowStride), rowStride) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwiceRows<THalf, TColumns, TLanes, TMemory> MultiplyAdd(int column, TColumns b) =>
        new() { upper = upper.MultiplyAdd(column, b), lower = lower.MultiplyAdd(column, b) };

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
