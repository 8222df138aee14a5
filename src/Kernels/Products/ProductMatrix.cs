using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>The product, or a part of it, in global memory. What a tile computes beyond its sizes is dropped.</summary>
/// <param name="Values">The values, row by row.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Columns">How many columns.</param>
/// <param name="IsAligned">1 where every row begins at a multiple of 16 bytes, else 0.</param>
readonly record struct ProductMatrix(ArrayView<float> Values, int Rows, int Columns, int IsAligned)
{
    /// <summary>Stores a value.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="column">Its column.</param>
    /// <param name="value">The value.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, float value)
    {
        if (row < Rows && column < Columns)
        {
            Values[(row * Columns) + column] = value;
        }
    }

    /// <summary>Stores four values side by side.</summary>
    /// <param name="row">Their row.</param>
    /// <param name="column">The column of the first, a multiple of 4.</param>
    /// <param name="values">The values.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int column, Float4 values)
    {
        if (IsAligned == 0)
        {
            Store(row, column, values.X);
            Store(row, column + 1, values.Y);
            Store(row, column + 2, values.Z);
            Store(row, column + 3, values.W);
        }
        else if (row < Rows && column < Columns)
        {
            Values.Cast<Float4>()[((row * Columns) + column) / 4] = values;
        }
    }
}
