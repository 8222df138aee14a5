using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>What one thread holds of four fragments of A, one above the other.</summary>
struct LeftFragments
{
    /// <summary>Rows of a fragment.</summary>
    public const int Rows = 16;

    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the fragments.</summary>
    /// <param name="left">A's tile, from the thread's first value on.</param>
    /// <param name="stride">From a step to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragments Load(ArrayView<float> left, int stride) => new()
    {
        First = Fragment(left, 0, stride),
        Second = Fragment(left, Rows, stride),
        Third = Fragment(left, 2 * Rows, stride),
        Fourth = Fragment(left, 3 * Rows, stride),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Fragment(ArrayView<float> left, int row, int stride) =>
        new() { X = left[row], Y = left[row + 8], Z = left[row + (4 * stride)], W = left[row + 8 + (4 * stride)] };
}

/// <summary>What one thread holds of four fragments of B, side by side: the first two values of each. The others are for what it is told of another thread's.</summary>
struct RightFragments
{
    /// <summary>Columns of a fragment.</summary>
    public const int Columns = 8;

    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the fragments.</summary>
    /// <param name="right">B's tile, from the thread's first value on.</param>
    /// <param name="stride">From a step to the next.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragments Load(ArrayView<float> right, int stride) => new()
    {
        First = Fragment(right, 0, stride),
        Second = Fragment(right, Columns, stride),
        Third = Fragment(right, 2 * Columns, stride),
        Fourth = Fragment(right, 3 * Columns, stride),
    };

    /// <summary>These fragments and another thread's.</summary>
    /// <param name="other">The other thread's.</param>
    public readonly RightFragments With(RightFragments other) => new()
    {
        First = Pair(First, other.First),
        Second = Pair(Second, other.Second),
        Third = Pair(Third, other.Third),
        Fourth = Pair(Fourth, other.Fourth),
    };

    static Float4 Pair(Float4 own, Float4 other) => new() { X = own.X, Y = own.Y, Z = other.X, W = other.Y };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Float4 Fragment(ArrayView<float> right, int column, int stride) => new() { X = right[column], Y = right[column + (4 * stride)] };
}
