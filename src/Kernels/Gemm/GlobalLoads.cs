using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>How the kernels of a GPU, <see cref="SimtGemm"/> and <see cref="TensorCoreGemm"/>, load a float4 from global memory.</summary>
/// <remarks>
/// An index is a number of units: float4s for vectorized loads, floats for scalar ones. An index beyond the matrix is clamped to its end
/// and loads values that nobody uses, so that a kernel's loop loads ahead, and beyond M and N, without a branch. It is clamped as an
/// unsigned number because an index that has overflowed must be clamped, too.
/// </remarks>
interface IGlobalLoad
{
    /// <summary>Floats in a unit of an index.</summary>
    static abstract int Unit { get; }

    static abstract Float4 Load(ArrayView<float> matrix, int index);

    /// <summary>Loads a float4 whose first values are zeros, and are not read.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="index">Where the first value would stand, in units.</param>
    /// <param name="zeros">How many values are zeros: none from 0 down, all from 4 up.</param>
    static abstract Float4 LoadAfterZeros(ArrayView<float> matrix, int index, int zeros);
}

/// <summary>
/// One load of 16 bytes, for matrices whose rows begin at multiples of 16 bytes. Their row lengths are multiples of 4: zeros then fill
/// whole float4s, or none.
/// </summary>
readonly struct VectorizedLoad : IGlobalLoad
{
    public static int Unit => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int index) =>
        matrix.Cast<Float4>()[(int)IntrinsicMath.Min((uint)index, (uint)((matrix.IntLength >> 2) - 1))];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadAfterZeros(ArrayView<float> matrix, int index, int zeros)
    {
        Float4 values = default;
        if (zeros <= 0)
        {
            values = Load(matrix, index);
        }
        return values;
    }
}

/// <summary>Four loads of 4 bytes, for any matrix.</summary>
readonly struct ScalarLoad : IGlobalLoad
{
    public static int Unit => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int index) => new()
    {
        X = LoadOne(matrix, index),
        Y = LoadOne(matrix, index + 1),
        Z = LoadOne(matrix, index + 2),
        W = LoadOne(matrix, index + 3),
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadAfterZeros(ArrayView<float> matrix, int index, int zeros) => new()
    {
        X = zeros <= 0 ? LoadOne(matrix, index) : 0f,
        Y = zeros <= 1 ? LoadOne(matrix, index + 1) : 0f,
        Z = zeros <= 2 ? LoadOne(matrix, index + 2) : 0f,
        W = zeros <= 3 ? LoadOne(matrix, index + 3) : 0f,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float LoadOne(ArrayView<float> matrix, int index) =>
        matrix[(int)IntrinsicMath.Min((uint)index, (uint)(matrix.IntLength - 1))];
}
