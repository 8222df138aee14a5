using System.Runtime.CompilerServices;

namespace Makemore.Gpu.Kernels.Simd;

/// <summary>
/// A matrix, or a part of one, in device memory: element (i, j) lies at <c>i·RowStride + j·ColumnStride</c>. A transpose is the same
/// memory with the strides exchanged.
/// </summary>
/// <param name="Memory">The memory, from element (0, 0) on.</param>
/// <param name="RowStride">From a row to the next, in elements.</param>
/// <param name="ColumnStride">From a column to the next, in elements.</param>
/// <param name="IsTransposed">
/// 1 where columns are contiguous, 0 where rows are. The strides say so, too, but the compiler knows this number and drops the other
/// branch.
/// </param>
readonly record struct MatrixView(ViewMemory Memory, int RowStride, int ColumnStride, int IsTransposed)
{
    /// <summary>A matrix whose rows are contiguous.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatrixView(ViewMemory memory, int rowStride)
        : this(memory, rowStride, 1, 0)
    {
    }

    /// <summary>The transpose.</summary>
    public MatrixView Transposed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => new(Memory, ColumnStride, RowStride, 1 - IsTransposed);
    }

    /// <summary>The part that begins at a row and a column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatrixView From(int row, int column) =>
        new(Memory.From((row * RowStride) + (column * ColumnStride)), RowStride, ColumnStride, IsTransposed);
}
