using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// What one lane of <see cref="TensorCoreGemm"/> holds in registers of A and B for one multiplication of its warp tile: its part of 4
/// fragments of A and eight of B, loaded from <see cref="SharedFragments"/>.
/// </summary>
struct WarpFragments
{
    // From B's fragments for the left half of the warp tile to those for the right half, in float4s of shared memory.
    const int HalfFloat4s = SharedFragments.LinesOfTwoPairs * SharedFragments.Float4sPerLine;

    public LeftFragments A;
    public RightFragments LeftB;
    public RightFragments RightB;

    /// <summary>Loads the fragments: 8 loads of a float4.</summary>
    /// <param name="left">A's tile, from the lane's first float4 of the multiplication on.</param>
    /// <param name="right">B's tile, the same.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static WarpFragments Load(ArrayView<Float4> left, ArrayView<Float4> right) => new()
    {
        A = LeftFragments.Load(left),
        LeftB = RightFragments.Load(right),
        RightB = RightFragments.Load(right.SubView(HalfFloat4s)),
    };
}

/// <summary>A lane's values of 4 fragments of A, one below the other: 64 rows.</summary>
struct LeftFragments
{
    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the values.</summary>
    /// <param name="tile">The tile, from the lane's first float4 of a multiplication on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static LeftFragments Load(ArrayView<Float4> tile)
    {
        return new()
        {
            First = tile[0],
            Second = tile[SharedFragments.PairStride],
            Third = tile[2 * SharedFragments.PairStride],
            Fourth = tile[3 * SharedFragments.PairStride],
        };
    }
}

/// <summary>
/// A lane's values of 4 fragments of B, side by side: 32 columns. X and Y are its own; <see cref="SimulatedTensorCore"/> keeps another
/// lane's in Z and W.
/// </summary>
struct RightFragments
{
    public Float4 First;
    public Float4 Second;
    public Float4 Third;
    public Float4 Fourth;

    /// <summary>Loads the values.</summary>
    /// <param name="tile">The tile, from the lane's first float4 of a multiplication on.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static RightFragments Load(ArrayView<Float4> tile)
    {
        Float4 left = tile[0];
        Float4 right = tile[SharedFragments.PairStride];
        return new()
        {
            First = new(left.X, left.Y, 0f, 0f),
            Second = new(left.Z, left.W, 0f, 0f),
            Third = new(right.X, right.Y, 0f, 0f),
            Fourth = new(right.Z, right.W, 0f, 0f),
        };
    }

    /// <summary>These values and another lane's.</summary>
    public readonly RightFragments With(RightFragments other) => new()
    {
        First = Pair(First, other.First),
        Second = Pair(Second, other.Second),
        Third = Pair(Third, other.Third),
        Fourth = Pair(Fourth, other.Fourth),
    };

    static Float4 Pair(Float4 own, Float4 other) => new() { X = own.X, Y = own.Y, Z = other.X, W = other.Y };
}
