using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>The outputs of one thread, in registers: some rows of some columns.</summary>
/// <typeparam name="TSelf">The block.</typeparam>
/// <typeparam name="TColumns">Its columns.</typeparam>
interface IThreadBlock<TSelf, TColumns>
    where TSelf : unmanaged, IThreadBlock<TSelf, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
{
    /// <summary>How many rows.</summary>
    static abstract int Rows { get; }

    /// <summary>The block + the outer product of values of the left operand, in shared memory, and values of the right one.</summary>
    TSelf MultiplyAdd(ArrayView<float> left, int place, TColumns right);

    void Store(ProductMatrix c, int row, int column);
}

struct OneRow<TColumns> : IThreadBlock<OneRow<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
{
    TColumns row;

    public static int Rows => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly OneRow<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right) =>
        new() { row = row.MultiplyAdd(left[place], right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column) => this.row.Store(c, row, column);
}

struct TwoRows<TColumns> : IThreadBlock<TwoRows<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
{
    TColumns first;
    TColumns second;

    public static int Rows => 2;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly TwoRows<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right)
    {
        Float2 factors = left.Cast<Float2>()[place / 2];
        return new() { first = first.MultiplyAdd(factors.X, right), second = second.MultiplyAdd(factors.Y, right) };
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row + 1, column);
    }
}

struct FourRows<TColumns> : IThreadBlock<FourRows<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
{
    TColumns first;
    TColumns second;
    TColumns third;
    TColumns fourth;

    public static int Rows => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly FourRows<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right)
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
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        first.Store(c, row, column);
        second.Store(c, row + 1, column);
        third.Store(c, row + 2, column);
        fourth.Store(c, row + 3, column);
    }
}

/// <summary>Four rows in each half of a tile, as <see cref="EightColumns"/> for the columns.</summary>
struct EightRows<TColumns> : IThreadBlock<EightRows<TColumns>, TColumns>
    where TColumns : unmanaged, IThreadColumns<TColumns>
{
    FourRows<TColumns> upper;
    FourRows<TColumns> lower;

    public static int Rows => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly EightRows<TColumns> MultiplyAdd(ArrayView<float> left, int place, TColumns right) =>
        new() { upper = upper.MultiplyAdd(left, place, right), lower = lower.MultiplyAdd(left, place + GroupProduct.Half, right) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public readonly void Store(ProductMatrix c, int row, int column)
    {
        upper.Store(c, row, column);
        lower.Store(c, row + GroupProduct.Half, column);
    }
}
