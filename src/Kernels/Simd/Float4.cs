using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>Four neighboring values, which a GPU moves at once where they begin at a multiple of 16 bytes.</summary>
/// <param name="X">The first.</param>
/// <param name="Y">The second.</param>
/// <param name="Z">The third.</param>
/// <param name="W">The fourth.</param>
readonly record struct Float4(float X, float Y, float Z, float W)
{
    /// <summary>How many values.</summary>
    public const int Count = 4;

    /// <summary>The least multiple of <see cref="Count"/> that holds so many values.</summary>
    /// <param name="length">How many.</param>
    public static int PaddedLength(int length) => (length + Count - 1) / Count * Count;

    /// <summary>The sum of the values, by halves.</summary>
    public float Sum
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (X + Y) + (Z + W);
    }

    /// <summary>The value with a number.</summary>
    /// <param name="index">The number, from 0.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float At(int index)
    {
        float lower = index == 0 ? X : Y;
        float upper = index == 2 ? Z : W;
        return index < 2 ? lower : upper;
    }

    /// <summary>The sum, value by value.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 operator +(Float4 a, Float4 b) => new(a.X + b.X, a.Y + b.Y, a.Z + b.Z, a.W + b.W);

    /// <summary>a · b + c, value by value.</summary>
    /// <param name="a">a.</param>
    /// <param name="b">b.</param>
    /// <param name="c">c.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 MultiplyAdd(float a, Float4 b, Float4 c) =>
        new((a * b.X) + c.X, (a * b.Y) + c.Y, (a * b.Z) + c.Z, (a * b.W) + c.W);

    /// <summary><see cref="WarpLanes.Fold"/>, value by value.</summary>
    /// <param name="first">The first row's values.</param>
    /// <param name="second">The second row's values.</param>
    /// <param name="bit">The bit of a lane's number.</param>
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
