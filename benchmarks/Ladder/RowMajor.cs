using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder;

/// <summary>
/// A matrix as the rungs take it: row after row in device memory. Beyond its edges it reads as zeros and drops what is written.
/// </summary>
/// <param name="Values">The values.</param>
/// <param name="Rows">How many rows.</param>
/// <param name="Columns">How many columns.</param>
/// <param name="IsAligned">1 where every row begins at a multiple of 16 bytes, so that one instruction can load four values.</param>
readonly record struct RowMajor(ArrayView<float> Values, int Rows, int Columns, int IsAligned)
{
    /// <summary>A matrix in a view, which begins at any value of its buffer.</summary>
    public RowMajor(ArrayView<float> values, int rows, int columns)
        : this(values, rows, columns, IsMultiple(values, columns) ? 1 : 0)
    {
    }

    /// <summary>How many tiles cover the matrix.</summary>
    /// <param name="tileRows">Rows of a tile.</param>
    /// <param name="tileColumns">Columns of a tile.</param>
    public int Tiles(int tileRows, int tileColumns) => ((Rows + tileRows - 1) / tileRows) * TilesAcross(tileColumns);

    /// <summary>How many tiles lie side by side.</summary>
    /// <param name="tileColumns">Columns of a tile.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int TilesAcross(int tileColumns) => (Columns + tileColumns - 1) / tileColumns;

    /// <summary>One value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Read(int row, int column) => row < Rows && column < Columns ? Values[(row * Columns) + column] : 0;

    /// <summary>Four neighboring values of a row, from a column on that is a multiple of 4.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Float4 ReadFour(int row, int column)
    {
        if (IsAligned == 0)
        {
            return new(Read(row, column), Read(row, column + 1), Read(row, column + 2), Read(row, column + 3));
        }
        // An aligned row has a multiple of 4 columns: all four values are inside, or none.
        return row < Rows && column < Columns ? Values.Cast<Float4>()[((row * Columns) + column) / Float4.Count] : default;
    }

    /// <summary>Stores one value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int row, int column, float value)
    {
        if (row < Rows && column < Columns)
        {
            Values[(row * Columns) + column] = value;
        }
    }

    /// <summary>Stores four neighboring values of a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(int row, int column, Float4 values)
    {
        Write(row, column, values.X);
        Write(row, column + 1, values.Y);
        Write(row, column + 2, values.Z);
        Write(row, column + 3, values.W);
    }

    static bool IsMultiple<TView>(TView view, int columns)
        where TView : struct, IContiguousArrayView<float> => columns % Float4.Count == 0 && view.Index % Float4.Count == 0;
}
