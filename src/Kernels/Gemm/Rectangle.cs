using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>The part of a product C that a worker computes. Workers share no sum, so that no result depends on their rectangles.</summary>
/// <param name="Row">Its first row.</param>
/// <param name="Rows">How many; none where there is nothing for this worker.</param>
/// <param name="Column">Its first column.</param>
/// <param name="Columns">How many.</param>
readonly record struct Rectangle(int Row, int Rows, int Column, int Columns)
{
    // What it costs to read a row of A or a column of B, in multiply-adds for each step along K.
    const int ReadCost = 16;

    /// <summary>A worker's rectangle.</summary>
    /// <param name="worker">Which worker.</param>
    /// <param name="rows">Rows of C.</param>
    /// <param name="columns">Columns of C.</param>
    /// <param name="rowUnit">Rectangles begin at multiples of so many rows.</param>
    /// <param name="columnUnit">And of so many columns.</param>
    public static Rectangle Of(Worker worker, int rows, int columns, int rowUnit, int columnUnit)
    {
        if (worker.Count == 1)
        {
            return new(0, rows, 0, columns);
        }
        int down = Down(worker.Count, rows, columns, rowUnit, columnUnit);
        int across = worker.Count / down;
        if (worker.Index >= down * across)
        {
            return default;
        }
        (int row, int rowEnd) = new Worker(worker.Index / across, down).Share(rows, rowUnit);
        (int column, int columnEnd) = new Worker(worker.Index % across, across).Share(columns, columnUnit);
        return new(row, rowEnd - row, column, columnEnd - column);
    }

    // How many rectangles lie one upon the other. Of all ways to give each worker one, this is that whose largest takes the least time.
    static int Down(int workers, int rows, int columns, int rowUnit, int columnUnit)
    {
        int best = 1;
        float lowest = float.PositiveInfinity;
        for (int down = 1; down <= workers; down++)
        {
            float height = LargestShare(rows, rowUnit, down);
            float width = LargestShare(columns, columnUnit, workers / down);
            float cost = (height * width) + (ReadCost * (height + width));
            if (cost < lowest)
            {
                best = down;
                lowest = cost;
            }
        }
        return best;
    }

    static int LargestShare(int items, int unit, int workers) =>
        IntrinsicMath.Min((((((items - 1) / unit) + 1) + workers - 1) / workers) * unit, items);
}
