using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// The k-steps of a tile of A and B in shared memory, for <see cref="SimtGemm"/>. They are written out by nesting because ILGPU unrolls no
/// loop: all offsets into shared memory are then constants, and take no instruction.
/// </summary>
interface IKSteps
{
    /// <summary>How many steps.</summary>
    static abstract int Count { get; }

    /// <summary>The thread tile + the product of the tiles of A and B.</summary>
    /// <typeparam name="TTile">The thread tile.</typeparam>
    /// <typeparam name="TRow">A row of it.</typeparam>
    /// <param name="tile">The thread tile.</param>
    /// <param name="left">A's tile, from the thread's first row on.</param>
    /// <param name="leftStride">From a step to the next, in floats.</param>
    /// <param name="right">B's tile, from the thread's first column on.</param>
    /// <param name="rightStride">From a step to the next, in floats.</param>
    /// <param name="firstStep">The first step, in the order of shared memory.</param>
    static abstract TTile Run<TTile, TRow>(
        TTile tile, ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride, int firstStep)
        where TTile : unmanaged, IThreadTile<TTile, TRow>
        where TRow : unmanaged, IThreadRow<TRow>;
}

/// <summary>Eight steps.</summary>
readonly struct EightKSteps : IKSteps
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTile Run<TTile, TRow>(
        TTile tile, ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride, int firstStep)
        where TTile : unmanaged, IThreadTile<TTile, TRow>
        where TRow : unmanaged, IThreadRow<TRow>
    {
        left = left.SubView(firstStep * leftStride);
        right = right.SubView(firstStep * rightStride);
        tile = tile.MultiplyAdd(left, 0, TRow.Load(right, 0));
        tile = tile.MultiplyAdd(left, leftStride, TRow.Load(right, rightStride));
        tile = tile.MultiplyAdd(left, 2 * leftStride, TRow.Load(right, 2 * rightStride));
        tile = tile.MultiplyAdd(left, 3 * leftStride, TRow.Load(right, 3 * rightStride));
        tile = tile.MultiplyAdd(left, 4 * leftStride, TRow.Load(right, 4 * rightStride));
        tile = tile.MultiplyAdd(left, 5 * leftStride, TRow.Load(right, 5 * rightStride));
        tile = tile.MultiplyAdd(left, 6 * leftStride, TRow.Load(right, 6 * rightStride));
        return tile.MultiplyAdd(left, 7 * leftStride, TRow.Load(right, 7 * rightStride));
    }
}

/// <summary>Twice as many steps.</summary>
/// <typeparam name="THalf">Half of them.</typeparam>
readonly struct TwiceKSteps<THalf> : IKSteps
    where THalf : struct, IKSteps
{
    public static int Count => 2 * THalf.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TTile Run<TTile, TRow>(
        TTile tile, ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride, int firstStep)
        where TTile : unmanaged, IThreadTile<TTile, TRow>
        where TRow : unmanaged, IThreadRow<TRow>
    {
        TTile half = THalf.Run<TTile, TRow>(tile, left, leftStride, right, rightStride, firstStep);
        return THalf.Run<TTile, TRow>(half, left, leftStride, right, rightStride, firstStep + THalf.Count);
    }
}
