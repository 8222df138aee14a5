using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>The outputs of one thread, in registers: some rows of some columns.</summary>
/// <typeparam name="TSelf">The block.</typeparam>
/// <typeparam name="TColumns">Its columns.</typeparam>
interface IThreadTile<TSelf, TColumns>
    where TSelf : unmanaged, IThreadTile<TSelf, TColumns>
    where TColumns : unmanaged, IThreadRow<TColumns>
{
    /// <summary>How many rows.</summary>
    static abstract int Rows { get; }

    /// <summary>The block + the outer product of values of the left operand, in shared memory, and values of the right one.</summary>
    TSelf MultiplyAdd(ArrayView<float> left, int place, TColumns right);

    void Store(OutputMatrix c, int row, int column);
}

struct ThreadTile1<TColumns> : IThreadTile<ThreadTile1<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadRow<TColumns>
{
    TColumns row;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile1<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right) =>
        new() { row = row.MultiplyAdd(left[place], right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column) => this.row.Store(c, row, column);
}

struct ThreadTile2<TColumns> : IThreadTile<ThreadTile2<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadRow<TColumns>
{
    TColumns first;
    TColumns second;

    public static int Rows => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile2<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right)
    {
        Float2 factors = left.Cast<Float2>()[place / 2];
        return new() { first = first.MultiplyAdd(factors.X, right), second = second.MultiplyAdd(factors.Y, right) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row + 1, column);
    }
}

struct ThreadTile4<TColumns> : IThreadTile<ThreadTile4<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadRow<TColumns>
{
    TColumns first;
    TColumns second;
    TColumns third;
    TColumns fourth;

    public static int Rows => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile4<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right)
    {
        Float4 factors = left.Cast<Float4>()[place / 4];
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

/// <summary>Four rows in each half of a tile, as <see cref="ThreadRow8"/> for the columns.</summary>
struct ThreadTile8<TColumns> : IThreadTile<ThreadTile8<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadRow<TColumns>
{
    ThreadTile4<TColumns> upper;
    ThreadTile4<TColumns> lower;

    public static int Rows => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadTile8<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right) =>
        new() { upper = upper.MultiplyAdd(left, place, right), lower = lower.MultiplyAdd(left, place + SimtGemm.Half, right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        upper.Store(c, row, column);
        lower.Store(c, row + SimtGemm.Half, column);
    }
}

/// <summary>A row of the outputs of one thread, in registers.</summary>
/// <typeparam name="TSelf">The row.</typeparam>
interface IThreadRow<TSelf>
    where TSelf : unmanaged, IThreadRow<TSelf>
{
    /// <summary>How many outputs.</summary>
    static abstract int Count { get; }

    /// <summary>The values of the right operand that these columns are multiplied by.</summary>
    static abstract TSelf Load(ArrayView<float> shared, int place);

    /// <summary>This + a·b.</summary>
    TSelf MultiplyAdd(float a, TSelf b);

    void Store(OutputMatrix c, int row, int column);
}

struct ThreadRow1 : IThreadRow<ThreadRow1>
{
    float value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadRow1 Load(ArrayView<float> shared, int place) => new() { value = shared[place] };

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
    public static ThreadRow2 Load(ArrayView<float> shared, int place) => new() { values = shared.Cast<Float2>()[place / 2] };

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
    public static ThreadRow4 Load(ArrayView<float> shared, int place) => new() { values = shared.Cast<Float4>()[place / 4] };

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

/// <summary>Four columns in each half of a tile: neighboring threads then read neighboring values, and no two the same bank.</summary>
struct ThreadRow8 : IThreadRow<ThreadRow8>
{
    ThreadRow4 left;
    ThreadRow4 right;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ThreadRow8 Load(ArrayView<float> shared, int place) =>
        new() { left = ThreadRow4.Load(shared, place), right = ThreadRow4.Load(shared, place + SimtGemm.Half) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly ThreadRow8 MultiplyAdd(float a, ThreadRow8 b) =>
        new() { left = left.MultiplyAdd(a, b.left), right = right.MultiplyAdd(a, b.right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(OutputMatrix c, int row, int column)
    {
        left.Store(c, row, column);
        right.Store(c, row, column + SimtGemm.Half);
    }
}
