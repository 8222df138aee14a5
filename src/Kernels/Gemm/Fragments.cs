using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>What one thread holds of four fragments of A, one above the other.</summary>
struct LeftFragments
{
    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the fragments of 64 rows.</summary>
    /// <param name="tile">The tile, from the thread's first four of a multiplication on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragments Load(ArrayView<Float4> tile)
    {
        return new()
        {
            First = tile[0],
            Second = tile[SharedFragments.Pair],
            Third = tile[2 * SharedFragments.Pair],
            Fourth = tile[3 * SharedFragments.Pair],
        };
    }
}

/// <summary>What one thread holds of four fragments of B, side by side: the first two values of each. The others are for what it is told of another thread's.</summary>
struct RightFragments
{
    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the fragments of 32 columns.</summary>
    /// <param name="tile">The tile, from the thread's first four of a multiplication on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragments Load(ArrayView<Float4> tile)
    {
        Float4 left = tile[0];
        Float4 right = tile[SharedFragments.Pair];
        return new()
        {
            First = new(left.X, left.Y, 0f, 0f),
            Second = new(left.Z, left.W, 0f, 0f),
            Third = new(right.X, right.Y, 0f, 0f),
            Fourth = new(right.Z, right.W, 0f, 0f),
        };
    }

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
}
