using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The thread tile of <see cref="SimtGemm"/>: the outputs of one thread, 1, 2, 4 or 8 rows of 1, 2, 4 or 8 columns. Every value is a field,
/// which ILGPU keeps in a register.
/// </summary>
interface IThreadTile<TSelf, TRow>
    where TSelf : unmanaged, IThreadTile<TSelf, TRow>
    where TRow : unmanaged, IThreadRow<TRow>
{
    static abstract int Rows { get; }

    /// <summary>One k-step: the tile + the outer product of this thread's values of A and B.</summary>
    /// <param name="left">A's tile in shared memory, from the thread's first row on.</param>
    /// <param name="index">Where the k-step stands in it.</param>
    /// <param name="right">The values of B.</param>
    TSelf MultiplyAdd(ArrayView<float> left, int index, TRow right);

    void Store(OutputMatrix c, int row, int column);
}

struct ThreadTile1<TRow> : IThreadTile<ThreadTile1<TRow>, TRow>
    where TRow : unmanaged, IThreadRow<TRow>
{
    TRow row;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile1<TRow> MultiplyAdd(ArrayView<float> left, int index, TRow right) =>
        new() { row = row.MultiplyAdd(left[index], right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column) => this.row.Store(c, row, column);
}

struct ThreadTile2<TRow> : IThreadTile<ThreadTile2<TRow>, TRow>
    where TRow : unmanaged, IThreadRow<TRow>
{
    TRow first;
    TRow second;

    public static int Rows => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile2<TRow> MultiplyAdd(ArrayView<float> left, int index, TRow right)
    {
        Float2 factors = left.Cast<Float2>()[index / 2];
        return new() { first = first.MultiplyAdd(factors.X, right), second = second.MultiplyAdd(factors.Y, right) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row + 1, column);
    }
}

struct ThreadTile4<TRow> : IThreadTile<ThreadTile4<TRow>, TRow>
    where TRow : unmanaged, IThreadRow<TRow>
{
    TRow first;
    TRow second;
    TRow third;
    TRow fourth;

    public static int Rows => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile4<TRow> MultiplyAdd(ArrayView<float> left, int index, TRow right)
    {
        Float4 factors = left.Cast<Float4>()[index / 4];
        return new()
        {
            first = first.MultiplyAdd(factors.X, right),
            second = second.MultiplyAdd(factors.Y, right),
            third = third.MultiplyAdd(factors.Z, right),
            fourth = fourth.MultiplyAdd(factors.W, right),
        };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row + 1, column);
        third.Store(c, row + 2, column);
        fourth.Store(c, row + 3, column);
    }
}

/// <summary>Four rows in each half of the block tile, as <see cref="ThreadRow8"/> has columns.</summary>
struct ThreadTile8<TRow> : IThreadTile<ThreadTile8<TRow>, TRow>
    where TRow : unmanaged, IThreadRow<TRow>
{
    ThreadTile4<TRow> upper;
    ThreadTile4<TRow> lower;

    public static int Rows => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile8<TRow> MultiplyAdd(ArrayView<float> left, int index, TRow right) =>
        new() { upper = upper.MultiplyAdd(left, index, right), lower = lower.MultiplyAdd(left, index + SimtGemm.HalfTile, right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        upper.Store(c, row, column);
        lower.Store(c, row + SimtGemm.HalfTile, column);
    }
}

/// <summary>A row of a thread tile, or the values of B for it.</summary>
interface IThreadRow<TSelf>
    where TSelf : unmanaged, IThreadRow<TSelf>
{
    static abstract int Count { get; }

    /// <summary>Loads the thread's values of B for one k-step from shared memory.</summary>
    static abstract TSelf Load(ArrayView<float> shared, int index);

    /// <summary>This + a·b.</summary>
    TSelf MultiplyAdd(float a, TSelf b);

    void Store(OutputMatrix c, int row, int column);
}

struct ThreadRow1 : IThreadRow<ThreadRow1>
{
    float value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadRow1 Load(ArrayView<float> shared, int index) => new() { value = shared[index] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadRow1 MultiplyAdd(float a, ThreadRow1 b) => new() { value = value + (a * b.value) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column) => c.Store(row, column, value);
}

struct ThreadRow2 : IThreadRow<ThreadRow2>
{
    Float2 values;

    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadRow2 Load(ArrayView<float> shared, int index) => new() { values = shared.Cast<Float2>()[index / 2] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadRow2 MultiplyAdd(float a, ThreadRow2 b) =>
        new() { values = new() { X = values.X + (a * b.values.X), Y = values.Y + (a * b.values.Y) } };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        c.Store(row, column, values.X);
        c.Store(row, column + 1, values.Y);
    }
}

struct ThreadRow4 : IThreadRow<ThreadRow4>
{
    Float4 values;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadRow4 Load(ArrayView<float> shared, int index) => new() { values = shared.Cast<Float4>()[index / 4] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadRow4 MultiplyAdd(float a, ThreadRow4 b) => new()
    {
        values = new()
        {
            X = values.X + (a * b.values.X),
            Y = values.Y + (a * b.values.Y),
            Z = values.Z + (a * b.values.Z),
            W = values.W + (a * b.values.W),
        },
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column) => c.Store(row, column, values);
}

/// <summary>
/// Four columns in each half of the block tile. The eight threads of a row then load neighboring float4s, from all 32 banks. With eight
/// neighboring columns each they would load every other float4, and two threads would share each bank.
/// </summary>
struct ThreadRow8 : IThreadRow<ThreadRow8>
{
    ThreadRow4 left;
    ThreadRow4 right;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadRow8 Load(ArrayView<float> shared, int index) =>
        new() { left = ThreadRow4.Load(shared, index), right = ThreadRow4.Load(shared, index + SimtGemm.HalfTile) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadRow8 MultiplyAdd(float a, ThreadRow8 b) =>
        new() { left = left.MultiplyAdd(a, b.left), right = right.MultiplyAdd(a, b.right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        left.Store(c, row, column);
        right.Store(c, row, column + SimtGemm.HalfTile);
    }
}
