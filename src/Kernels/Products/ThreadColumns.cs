using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>A row of the outputs of one thread, in registers.</summary>
/// <typeparam name="TSelf">The row.</typeparam>
interface IThreadColumns<TSelf>
    where TSelf : unmanaged, IThreadColumns<TSelf>
{
    /// <summary>How many outputs.</summary>
    static abstract int Count { get; }

    /// <summary>The values of the right operand that these columns are multiplied by.</summary>
    static abstract TSelf Load(ArrayView<float> shared, int place);

    /// <summary>This + a·b.</summary>
    TSelf MultiplyAdd(float a, TSelf b);

    void Store(ProductMatrix c, int row, int column);
}

struct OneColumn : IThreadColumns<OneColumn>
{
    float value;

    public static int Count => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static OneColumn Load(ArrayView<float> shared, int place) => new() { value = shared[place] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneColumn MultiplyAdd(float a, OneColumn b) => new() { value = value + (a * b.value) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column) => c.Store(row, column, value);
}

struct TwoColumns : IThreadColumns<TwoColumns>
{
    Float2 values;

    public static int Count => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TwoColumns Load(ArrayView<float> shared, int place) => new() { values = shared.Cast<Float2>()[place / 2] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwoColumns MultiplyAdd(float a, TwoColumns b) =>
        new() { values = new() { X = values.X + (a * b.values.X), Y = values.Y + (a * b.values.Y) } };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        c.Store(row, column, values.X);
        c.Store(row, column + 1, values.Y);
    }
}

struct FourColumns : IThreadColumns<FourColumns>
{
    Float4 values;

    public static int Count => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static FourColumns Load(ArrayView<float> shared, int place) => new() { values = shared.Cast<Float4>()[place / 4] };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FourColumns MultiplyAdd(float a, FourColumns b) => new()
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
    public readonly void Store(ProductMatrix c, int row, int column) => c.Store(row, column, values);
}

/// <summary>Four columns in each half of a tile: neighbouring threads then read neighbouring values, and no two the same bank.</summary>
struct EightColumns : IThreadColumns<EightColumns>
{
    FourColumns left;
    FourColumns right;

    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EightColumns Load(ArrayView<float> shared, int place) =>
        new() { left = FourColumns.Load(shared, place), right = FourColumns.Load(shared, place + GroupProduct.Half) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly EightColumns MultiplyAdd(float a, EightColumns b) =>
        new() { left = left.MultiplyAdd(a, b.left), right = right.MultiplyAdd(a, b.right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        left.Store(c, row, column);
        right.Store(c, row, column + GroupProduct.Half);
    }
}
