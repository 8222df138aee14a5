using System.Runtime.CompilerServices;
using ILGPU;

namespace Makemore.Gpu.Kernels.Tiles;

/// <summary>
/// A matrix, or a part of one, in device memory: element (i, j) stands at <c>Start + i·RowStride + j·ColumnStride</c>. A transpose is
/// the same memory with the strides exchanged.
/// </summary>
/// <param name="Values">The memory.</param>
/// <param name="Start">Where element (0, 0) stands.</param>
/// <param name="RowStride">From a row to the next, in elements.</param>
/// <param name="ColumnStride">From a column to the next, in elements.</param>
public readonly record struct MatrixView(ArrayView<float> Values, int Start, int RowStride, int ColumnStride)
{
    /// <summary>The part that begins at a row and a column.</summary>
    /// <param name="row">The first row.</param>
    /// <param name="column">The first column.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public MatrixView From(int row, int column) =>
        new(Values, Start + (row * RowStride) + (column * ColumnStride), RowStride, ColumnStride);
}
