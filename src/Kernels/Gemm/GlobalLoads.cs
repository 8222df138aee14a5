using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// How four neighboring values are read from global memory. A place outside of the matrix gives values of its end, which nobody uses: so the
/// loop of a kernel reads ahead without a branch. Places count as unsigned numbers, for one that has overflowed must end inside, too.
/// </summary>
interface IGlobalLoad
{
    /// <summary>Elements of one unit of a place.</summary>
    static abstract int Unit { get; }

    /// <summary>Four values.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="place">Where the first stands, in units.</param>
    static abstract Float4 Load(ArrayView<float> matrix, int place);

    /// <summary>Four values of which the first ones are zeros, and not read.</summary>
    /// <param name="matrix">The matrix.</param>
    /// <param name="place">Where the first would stand, in units.</param>
    /// <param name="zeros">How many are zeros: none from 0 down, all from 4 up.</param>
    static abstract Float4 LoadAfterZeros(ArrayView<float> matrix, int place, int zeros);
}

/// <summary>All at once: for a matrix whose rows begin at multiples of 16 bytes. Zeros come by fours, then.</summary>
readonly struct VectorizedLoad : IGlobalLoad
{
    public static int Unit => 4;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int place) =>
        matrix.Cast<Float4>()[(int)IntrinsicMath.Min((uint)place, (uint)((matrix.IntLength >> 2) - 1))];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadAfterZeros(ArrayView<float> matrix, int place, int zeros)
    {
        Float4 values = default;
        if (zeros <= 0)
        {
            values = Load(matrix, place);
        }
        return values;
    }
}

/// <summary>One by one, from any matrix.</summary>
readonly struct ScalarLoad : IGlobalLoad
{
    public static int Unit => 1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 Load(ArrayView<float> matrix, int place) =>
        new() { X = LoadOne(matrix, place), Y = LoadOne(matrix, place + 1), Z = LoadOne(matrix, place + 2), W = LoadOne(matrix, place + 3) };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Float4 LoadAfterZeros(ArrayView<float> matrix, int place, int zeros) => new()
    {
        X = zeros <= 0 ? LoadOne(matrix, place) : 0f,
        Y = zeros <= 1 ? LoadOne(matrix, place + 1) : 0f,
        Z = zeros <= 2 ? LoadOne(matrix, place + 2) : 0f,
        W = zeros <= 3 ? LoadOne(matrix, place + 3) : 0f,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static float LoadOne(ArrayView<float> matrix, int place) =>
        matrix[(int)IntrinsicMath.Min((uint)place, (uint)(matrix.IntLength - 1))];
}
