using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// Count, mean and sum of squared deviations of some rows of a column: the partial sums from which batch normalization on a GPU gets mean
/// and variance in one pass over x.
/// </summary>
/// <param name="Count">The number of rows.</param>
/// <param name="Mean">
/// Their mean less the column's first value. Where the mean is much larger than the standard deviation, means themselves would differ in
/// few of their digits.
/// </param>
/// <param name="Squares">The sum of the squared deviations from the mean.</param>
readonly record struct ColumnMoments<T>(float Count, T Mean, T Squares) : IPartialSum<ColumnMoments<T>>
    where T : unmanaged, ILanes<T>
{
    /// <summary>Rows of a chunk. With so few an outlier as the first value costs one digit at most.</summary>
    public const int ChunkRows = 16;

    /// <summary>
    /// The moments of a thread's rows of x [rows, columns], in one pass. Each chunk sums the differences from its own first value, so a
    /// large mean costs no digits (T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983).
    /// </summary>
    public static ColumnMoments<T> Of(ArrayView<T> x, int columns, ColumnPosition position)
    {
        ColumnMoments<T> moments = default;
        for (int row = position.First; row < position.End; row += ChunkRows * position.Step)
        {
            int end = IntrinsicMath.Min(row + (ChunkRows * position.Step), position.End);
            moments = moments.Merge(OfChunk(x, columns, position.Column, row, end, position.Step));
        }
        return moments;
    }

    // T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
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

        // Two rows at a time: the second load is in flight during the latency of the first.
        for (row += step; row < end; row += 2 * step)
        {
            T one = x[(row * columns) + column];
            T other = x[((row + step) * columns) + column];
            (sum, squares) = Add(one - first, sum, squares);
            (sum, squares) = Add(other - first, sum, squares);
        }
        T shiftedMean = sum * T.Broadcast(1f / count);

        // Rounding may leave less than 0. As the second argument of Max, NaN stays NaN.
        return new(count, first - x[column] + shiftedMean, T.Max(default, squares - (shiftedMean * sum)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static (T Sum, T Squares) Add(T difference, T sum, T squares) => (sum + difference, T.MultiplyAdd(difference, difference, squares));
}
