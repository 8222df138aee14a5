using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// A tile of an operand in shared memory: rows of A or columns of B side by side, [depth, length] for both, so that a thread finds the values
/// of one step along the depth next to each other. All are constants of a kernel; the length and the depth are powers of two.
/// </summary>
/// <param name="Length">How many rows of A, or columns of B.</param>
/// <param name="K">How many steps along the depth.</param>
/// <param name="Stride">From a step to the next; larger than the length, against bank conflicts.</param>
/// <param name="Interleaving">
/// Where the steps stand: 1 for in their order; depth/4 for each fourth step from the first on, then each fourth from the second on, and so on. A and B
/// are multiplied step by step, in any order.
/// </param>
readonly record struct SharedTile(int Length, int K, int Stride, int Interleaving)
{
    /// <summary>Values of the tile with its padding.</summary>
    public int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => K * Stride;
    }

    /// <summary>
    /// A tile for the multiplications of a thread: 16-byte loads stay aligned, and a warp that turns rows of an operand into columns of the
    /// tile stores into few banks twice. In the deeper tiles that takes the interleaving.
    /// </summary>
    /// <param name="length">How many rows of A, or columns of B.</param>
    /// <param name="depth">How many steps along the depth.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SharedTile Of(int length, int depth) => new(length, depth, length + 4, depth > 8 ? depth / 4 : 1);

    /// <summary>Where a step stands, from the beginning of the tile.</summary>
    /// <param name="step">The step.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int StepOffset(int step) => Stride * (Interleaving == 1 ? step : (Remainder(step, 4) * Interleaving) + Quotient(step, 4));

    /// <summary>The quotient of a number from 0 on by a power of two. CUDA's assembler does not see the power, and divides in the loop.</summary>
    /// <param name="value">The number.</param>
    /// <param name="divisor">The power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Quotient(int value, int divisor) => value >> IntrinsicMath.BitOperations.PopCount(divisor - 1);

    /// <summary>The remainder of a number from 0 on by a power of two.</summary>
    /// <param name="value">The number.</param>
    /// <param name="divisor">The power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Remainder(int value, int divisor) => value & (divisor - 1);
}

/// <summary>What a group reads of an operand: some rows of A, or columns of B, along a part of the depth.</summary>
/// <param name="Matrix">The operand, row by row.</param>
/// <param name="Count">How many rows of A, or columns of B, there are in all.</param>
/// <param name="K">How long they are in all.</param>
/// <param name="First">The first that is read.</param>
/// <param name="FirstK">Where the first tile begins along the depth.</param>
/// <param name="Zeros">How many steps of the first tile are zeros, and are not read: the depth need not be whole tiles.</param>
readonly record struct Operand(ArrayView<float> Matrix, int Count, int K, int First, int FirstK, int Zeros);
