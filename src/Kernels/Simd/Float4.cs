using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// Four neighboring values. Kernels for GPUs load or store them with one 16-byte instruction, where they begin at a multiple of 16 bytes.
/// </summary>
readonly record struct Float4(float X, float Y, float Z, float W)
{
    public const int Count = 4;

    /// <summary>The length, rounded up to a multiple of <see cref="Count"/>.</summary>
    public static int PaddedLength(int length) => (length + Count - 1) / Count * Count;

    /// <summary>The sum of the values, by halves.</summary>
    public float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (X + Y) + (Z + W);
    }

    /// <summary>The value at an index from 0 to 3, by selects: an array would go to local memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float At(int index)
    {
        float lower = index == 0 ? X : Y;
        float upper = index == 2 ? Z : W;
        return index < 2 ? lower : upper;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 operator +(Float4 a, Float4 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    /// <summary>a · b + c, value by value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 MultiplyAdd(float a, Float4 b, Float4 c) =>
        new((a * b.X) + c.X, (a * b.Y) + c.Y, (a * b.Z) + c.Z, (a * b.W) + c.W);

    /// <summary><see cref="WarpLanes.Fold"/>, value by value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Fold(Float4 first, Float4 second, int bit) => new(
        WarpLanes.Fold(first.X, second.X, bit), WarpLanes.Fold(first.Y, second.Y, bit),
        WarpLanes.Fold(first.Z, second.Z, bit), WarpLanes.Fold(first.W, second.W, bit));
}

/// <summary>Two neighboring values: one load of 8 bytes.</summary>
struct Float2
{
    public float X;
    public float Y;
}
