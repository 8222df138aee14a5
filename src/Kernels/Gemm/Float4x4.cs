using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Four rows of four values, in registers.</summary>
/// <param name="A">The first row.</param>
/// <param name="B">The second row.</param>
/// <param name="C">The third row.</param>
/// <param name="D">The fourth row.</param>
readonly record struct Float4x4(Float4 A, Float4 B, Float4 C, Float4 D)
{
    /// <summary>Rows and columns exchanged: other names for the same registers.</summary>
    public Float4x4 Transposed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(new(A.X, B.X, C.X, D.X), new(A.Y, B.Y, C.Y, D.Y), new(A.Z, B.Z, C.Z, D.Z), new(A.W, B.W, C.W, D.W));
    }

    /// <summary>Four rows of a matrix.</summary>
    /// <param name="memory">The matrix in fours.</param>
    /// <param name="place">Where the first row's four is.</param>
    /// <param name="stride">From a row to the next, in fours.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4x4 Load(ArrayView<Float4> memory, int place, int stride) =>
        new(memory[place], memory[place + stride], memory[place + (2 * stride)], memory[place + (3 * stride)]);

    /// <summary>This + the products of one value for each row with the same four.</summary>
    /// <param name="a">The values.</param>
    /// <param name="b">The four.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4x4 MultiplyAdd(Float4 a, Float4 b) =>
        new(Float4.MultiplyAdd(a.X, b, A), Float4.MultiplyAdd(a.Y, b, B), Float4.MultiplyAdd(a.Z, b, C), Float4.MultiplyAdd(a.W, b, D));

    /// <summary>A sum + each row times its value of a four, from the first row to the last.</summary>
    /// <param name="sum">The sum.</param>
    /// <param name="factors">The values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 AddTo(Float4 sum, Float4 factors) => Float4.MultiplyAdd(
        factors.W, D, Float4.MultiplyAdd(factors.Z, C, Float4.MultiplyAdd(factors.Y, B, Float4.MultiplyAdd(factors.X, A, sum))));

    /// <summary>The sum over the warp's four quarters, the threads with the same last three bits: its row is the one that the quarter's number names.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 SumQuarters() => Float4.Fold(Float4.Fold(A, C, 16), Float4.Fold(B, D, 16), 8);
}
