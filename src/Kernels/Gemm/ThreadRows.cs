using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

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

/// <summary>Four columns in each half of a tile: neighbouring threads then read neighbouring values, and no two the same bank.</summary>
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
