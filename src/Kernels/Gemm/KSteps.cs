using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Steps along the depth of a tile, one after another. They are written out by nesting, for ILGPU unrolls no loops: all places in shared memory
/// are then constants, and no instruction is spent on them.
/// </summary>
interface IKSteps
{
    /// <summary>How many steps.</summary>
    static abstract int Count { get; }

    /// <summary>The block + the product of the tiles.</summary>
    /// <typeparam name="TBlock">The outputs of a thread.</typeparam>
    /// <typeparam name="TColumns">A row of them.</typeparam>
    /// <param name="block">The block.</param>
    /// <param name="left">A's tile, from the thread's rows on.</param>
    /// <param name="leftStride">From a step to the next.</param>
    /// <param name="right">B's tile, from the thread's columns on.</param>
    /// <param name="rightStride">From a step to the next.</param>
    /// <param name="first">The first step.</param>
    static abstract TBlock Run<TBlock, TColumns>(TBlock block, ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride, int first)
        where TBlock : unmanaged, IThreadTile<TBlock, TColumns>
        where TColumns : unmanaged, IThreadRow<TColumns>;
}

/// <summary>Eight steps.</summary>
readonly struct EightKSteps : IKSteps
{
    public static int Count => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Run<TBlock, TColumns>(TBlock block, ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride, int first)
        where TBlock : unmanaged, IThreadTile<TBlock, TColumns>
        where TColumns : unmanaged, IThreadRow<TColumns>
    {
        left = left.SubView(first * leftStride);
        right = right.SubView(first * rightStride);
        block = block.MultiplyAdd(left, 0, TColumns.Load(right, 0));
        block = block.MultiplyAdd(left, leftStride, TColumns.Load(right, rightStride));
        block = block.MultiplyAdd(left, 2 * leftStride, TColumns.Load(right, 2 * rightStride));
        block = block.MultiplyAdd(left, 3 * leftStride, TColumns.Load(right, 3 * rightStride));
        block = block.MultiplyAdd(left, 4 * leftStride, TColumns.Load(right, 4 * rightStride));
        block = block.MultiplyAdd(left, 5 * leftStride, TColumns.Load(right, 5 * rightStride));
        block = block.MultiplyAdd(left, 6 * leftStride, TColumns.Load(right, 6 * rightStride));
        return block.MultiplyAdd(left, 7 * leftStride, TColumns.Load(right, 7 * rightStride));
    }
}

/// <summary>Twice as many steps.</summary>
/// <typeparam name="THalf">Half of them.</typeparam>
readonly struct TwiceKSteps<THalf> : IKSteps
    where THalf : struct, IKSteps
{
    public static int Count => 2 * THalf.Count;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TBlock Run<TBlock, TColumns>(TBlock block, ArrayView<float> left, int leftStride, ArrayView<float> right, int rightStride, int first)
        where TBlock : unmanaged, IThreadTile<TBlock, TColumns>
        where TColumns : unmanaged, IThreadRow<TColumns>
    {
        TBlock half = THalf.Run<TBlock, TColumns>(block, left, leftStride, right, rightStride, first);
        return THalf.Run<TBlock, TColumns>(half, left, leftStride, right, rightStride, first + THalf.Count);
    }
}
