using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The layout of a tile of A or B in shared memory, for <see cref="SimtGemm"/>: [K, lines], where lines are rows of A or columns of B. The
/// values of one k-step stand next to each other, so that a thread loads those of its rows or columns as float4s.
/// </summary>
/// <remarks>
/// <para>
/// Loads are free of bank conflicts; stores of a K-major operand need care. There, each thread of a warp has a float4 along K, and stores
/// its values to 4 k-steps: the K/4 threads of a line store to k-steps 0, 4, 8, ... at the same time. Shared memory has 32 banks of one
/// float, and unpadded rows of 32 lines or more all begin in the same bank.
/// </para>
/// <para>
/// Padding: rows are 4 floats longer than the lines. Float4s stay aligned, and rows that are 4 apart begin 16 banks apart. For the tile of
/// 8 k-steps that is enough. Interleaving: in deeper tiles k-steps 0, 4, 8, ... stand in neighboring rows, then 1, 5, 9, ... and so on, so
/// that what is stored at the same time begins 4 banks apart, or 20. No more than two threads then store to the same bank. The order of
/// k-steps may be any, as long as A and B share it.
/// </para>
/// </remarks>
/// <param name="Lines">Rows of A, or columns of B; a power of two.</param>
/// <param name="K">K-steps; a power of two.</param>
/// <param name="Stride">From a row of the tile to the next, in floats.</param>
/// <param name="Interleaving">
/// From k-step 0 to k-step 1, in rows of the tile: 1 where k-steps stand in their order, K/4 where they are interleaved.
/// </param>
readonly record struct SharedTile(int Lines, int K, int Stride, int Interleaving)
{
    /// <summary>Floats of the tile, with its padding.</summary>
    public int Size
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => K * Stride;
    }

    /// <summary>The padded layout of a tile [k, lines]. Both are constants of a kernel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static SharedTile Of(int lines, int k) => new(lines, k, lines + 4, k > 8 ? k / 4 : 1);

    /// <summary>Where a k-step stands, in floats from the beginning of the tile.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int KStepOffset(int step) => Stride * (Interleaving == 1 ? step : (Remainder(step, 4) * Interleaving) + Quotient(step, 4));

    /// <summary>
    /// value / divisor, for a divisor that is a power of two. CUDA's assembler does not see that it is one, and would divide in the loop.
    /// </summary>
    /// <param name="value">A number from 0 on.</param>
    /// <param name="divisor">A power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Quotient(int value, int divisor) => value >> IntrinsicMath.BitOperations.PopCount(divisor - 1);

    /// <summary>value % divisor, for a divisor that is a power of two.</summary>
    /// <param name="value">A number from 0 on.</param>
    /// <param name="divisor">A power of two.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Remainder(int value, int divisor) => value & (divisor - 1);
}
