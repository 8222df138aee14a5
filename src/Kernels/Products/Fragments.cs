using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

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
    public static LeftFragments Load(ArrayView<float> tile)
    {
        ArrayView<Float4> fours = tile.Cast<Float4>();
        return new()
        {
            First = fours[0],
            Second = fours[FragmentTile.Pair / Float4.Count],
            Third = fours[2 * FragmentTile.Pair / Float4.Count],
            Fourth = fours[3 * FragmentTile.Pair / Float4.Count],
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
    public static RightFragments Load(ArrayView<float> tile)
    {
        ArrayView<Float4> fours = tile.Cast<Float4>();
        Float4 left = fours[0];
        Float4 right = fours[FragmentTile.Pair / Float4.Count];
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
