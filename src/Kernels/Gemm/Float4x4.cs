using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Four rows of 4 values: the thread tile of <see cref="WarpGemm"/>, or a part of A or B that it is computed from.</summary>
/// <param name="A">The first row.</param>
/// <param name="B">The second row.</param>
/// <param name="C">The third row.</param>
/// <param name="D">The fourth row.</param>
readonly record struct Float4x4(Float4 A, Float4 B, Float4 C, Float4 D)
{
    /// <summary>The transpose. It costs nothing: the same registers under other names.</summary>
    public Float4x4 Transposed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(new(A.X, B.X, C.X, D.X), new(A.Y, B.Y, C.Y, D.Y), new(A.Z, B.Z, C.Z, D.Z), new(A.W, B.W, C.W, D.W));
    }

    /// <summary>Four rows of a matrix.</summary>
    /// <param name="memory">The matrix.</param>
    /// <param name="index">The float4 index of the first row.</param>
    /// <param name="stride">From a row to the next, in float4s.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4x4 Load(ArrayView<Float4> memory, int index, int stride) =>
        new(memory[index], memory[index + stride], memory[index + (2 * stride)], memory[index + (3 * stride)]);

    /// <summary>One k-step: this + the outer product of a column a and a row b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4x4 MultiplyAdd(Float4 a, Float4 b) =>
        new(Float4.MultiplyAdd(a.X, b, A), Float4.MultiplyAdd(a.Y, b, B), Float4.MultiplyAdd(a.Z, b, C), Float4.MultiplyAdd(a.W, b, D));

    /// <summary>A row + factors [1, 4] · this, from the first row of this to the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 AddTo(Float4 sum, Float4 factors) => Float4.MultiplyAdd(
        factors.W, D, Float4.MultiplyAdd(factors.Z, C, Float4.MultiplyAdd(factors.Y, B, Float4.MultiplyAdd(factors.X, A, sum))));

    /// <summary>
    /// The sum over the 4 quarters of a warp: over the lanes with the same lowest three bits. Each lane gets one row of it, the row with
    /// its quarter's number.
    /// </summary>
    /// <remarks>
    /// Two quarters swap the rows that they do not keep, and add. Across bit 16 of the lane, quarters 0 and 1 keep rows A and B, quarters 2
    /// and 3 rows C and D; across bit 8, each quarter keeps one of its two rows.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 SumQuarters() => Float4.Fold(Float4.Fold(A, C, 16), Float4.Fold(B, D, 16), 8);
}
