using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>The moments of some rows of a column.</summary>
/// <typeparam name="T">The lanes.</typeparam>
/// <param name="Count">How many rows.</param>
/// <param name="Mean">Their mean, as its difference from the column's first value: means that are large beside the spread would part in few digits.</param>
/// <param name="Squares">The sum of the squared differences from it.</param>
readonly record struct ColumnMoments<T>(float Count, T Mean, T Squares) : IPartialSum<ColumnMoments<T>>
    where T : unmanaged, ILanes<T>
{
    // So few that a first value that lies apart costs a digit at most.
    const int ChunkRows = 16;

    /// <summary>
    /// The moments of a thread's rows, in one pass. Of a few rows at a time the differences from the first are summed, among which no digits are lost to a
    /// large mean (T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983).
    /// </summary>
    /// <param name="x">x [rows, columns].</param>
    /// <param name="columns">Columns.</param>
    /// <param name="place">Where the thread stands.</param>
    public static ColumnMoments<T> Of(ArrayView<T> x, int columns, ColumnPosition place)
    {
        ColumnMoments<T> moments = default;
        for (int row = place.First; row < place.End; row += ChunkRows * place.Step)
        {
            int end = IntrinsicMath.Min(row + (ChunkRows * place.Step), place.End);
            moments = moments.Merge(OfChunk(x, columns, place.Column, row, end, place.Step));
        }
        return moments;
    }

    /// <remarks>
    /// T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
    /// </remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ColumnMoments<T> Merge(ColumnMoments<T> other)
    {
        float count = Count + other.Count;
        T difference = other.Mean - Mean;
        T step = difference * T.Broadcast(other.Count / IntrinsicMath.Max(count, 1f));
        return new(count, Mean + step, Squares + other.Squares + (step * (difference * T.Broadcast(Count))));
    }

    static ColumnMoments<T> OfChunk(ArrayView<T> x, int columns, int column, int row, int end, int step)
    {
        int count = ((end - row - 1) / step) + 1;
        T first = x[(row * columns) + column];
        T sum = default;
        T squares = default;
        if (count % 2 == 0)
        {
            row += step;
            (sum, squares) = Add(x[(row * columns) + column] - first, sum, squares);
        }

        // Two rows at a time: their loads are under way together.
        for (row += step; row < end; row += 2 * step)
        {
            T one = x[(row * columns) + column];
            T other = x[((row + step) * columns) + column];
            (sum, squares) = Add(one - first, sum, squares);
            (sum, squares) = Add(other - first, sum, squares);
        }
        T shiftedMean = sum * T.Broadcast(1f / count);

        // Rounding may leave less than nothing. NaN stays, as the second argument.
        return new(count, first - x[column] + shiftedMean, T.Max(default, squares - (shiftedMean * sum)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (T Sum, T Squares) Add(T difference, T sum, T squares) => (sum + difference, T.MultiplyAdd(difference, difference, squares));
}
