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
