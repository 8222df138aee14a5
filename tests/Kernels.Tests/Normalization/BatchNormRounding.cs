using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

/// <summary>
/// What single precision may do to batch normalization. It matters where the mean is large beside the deviation, where a value lies far
/// from the others, and where there are so few examples that the terms of a gradient nearly cancel; elsewhere it is of the size of the
/// tolerances, or less.
/// </summary>
static class BatchNormRounding
{
    /// <summary>By how much the means and the variances may be off, and by which share the inverse deviations.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="exact">The exact statistics.</param>
    /// <param name="constants">The constants.</param>
    /// <param name="shape">The launch shape, which decides how the sums are taken.</param>
    public static (Vector<double> Mean, Vector<double> Variance, Vector<double> InverseShare) OfStatistics(
        Matrix<double> x, BatchNormResult exact, BatchNormConstants constants, LaunchShape shape)
    {
        int divisor = constants.VarianceDivisor(x.RowCount);
        (Vector<double> mean, Vector<double> variance) = !shape.IsGpu
            ? OfBands(x, exact, divisor)
            : OfChunks(x, exact, divisor, x.ColumnCount % Quad.Count == 0
                ? ColumnSplit.For<Quad>(shape, x.RowCount, x.ColumnCount / Quad.Count)
                : ColumnSplit.For<Scalar>(shape, x.RowCount, x.ColumnCount));

        // The root, the quotient and ε add roundings of their own.
        return (mean, variance, ShareOfInverse(exact, variance, constants) + Tolerances.Gamma(4));
    }

    /// <summary>By how much the running statistic of a batch may be off: the variance, or its root.</summary>
    /// <param name="exact">The exact statistics.</param>
    /// <param name="variance">By how much the variances may be off.</param>
    /// <param name="constants">The constants.</param>
    public static Vector<double> OfStored(BatchNormResult exact, Vector<double> variance, BatchNormConstants constants) =>
        constants.Running == RunningStatistic.Variance ? variance : OfRoot(exact.Variance, variance);

    // |√(v + d) - √v| is at most |d| / √v, and at most √|d|.
    static Vector<double> OfRoot(Vector<double> value, Vector<double> off) =>
        value.Map2((v, d) => v == 0 ? Math.Sqrt(d) : Math.Min(d / Math.Sqrt(v), Math.Sqrt(d)), off);

    // The derivative of r by the variance is -r³/2 where ε is added to that; by the deviation it is -r² where ε is added to that.
    static Vector<double> ShareOfInverse(BatchNormResult exact, Vector<double> variance, BatchNormConstants constants)
    {
        Vector<double> r = exact.InverseDeviation;
        return constants.EpsilonOn == EpsilonTarget.Variance
            ? r.PointwisePower(2).PointwiseMultiply(variance) / 2
            : r.PointwiseMultiply(OfRoot(exact.Variance, variance));
    }

    // CpuBatchNorm, by bands of rows. All is computed of e = x - first value of the column, so a large mean costs nothing, but a first
    // value that lies apart does. A band's mean is off by the γ of its sum, e's own rounding included, and each merge, a weighted mean,
    // averages the errors of both means and adds at most 4 roundings: in all no more than β·√(Σe²/N) (Jensen's inequality).
    //
    // Means that are off by δ change the sum S of squared differences by 2·√S·√Σδ² + Σδ² at most (Cauchy and Schwarz). The squares and the
    // sums of a band and of all bands add their roundings.
    static (Vector<double> Mean, Vector<double> Variance) OfBands(Matrix<double> x, BatchNormResult exact, int divisor)
    {
        int batch = x.RowCount;
        int bands = ((batch - 1) / RowBands.OfOne) + 1;
        double beta = Tolerances.Gamma((4 * bands) + RowBands.OfOne + 3);
        Matrix<double> e = x.MapIndexed((_, j, value) => value - x[0, j], Zeros.Include);
        Vector<double> sizeOfE = e.PointwisePower(2).ColumnSums().PointwiseSqrt();
        Vector<double> mean = (beta * sizeOfE / Math.Sqrt(batch)) + (Tolerances.UnitRoundoff * exact.Mean.PointwiseAbs());
        Vector<double> squares = exact.Variance * divisor;
        Vector<double> offSquares = (beta * squares) + (2 * beta * squares.PointwiseSqrt().PointwiseMultiply(sizeOfE))
            + (beta * sizeOfE).PointwisePower(2);
        return (mean, offSquares / divisor);
    }

    // GpuBatchNorm, by ColumnMoments. Each chunk of rows sums the differences d from its first value, so a large mean costs nothing, but
    // a first value that lies apart does: Σd is off by γ·Σ|d|, and Σd² - (Σd)²/n by 3γ·Σd² (see NormalizeRounding).
    //
    // The means of chunks are kept and merged as differences from the column's first value. A merge is a weighted mean, so it averages the
    // errors of both means and adds at most 4 roundings. With e = x - first value of the column, no more than β·√(Σe²/N) comes from them
    // (Jensen's inequality), where β is the γ of all merges.
    //
    // The merged sum S of squared differences is that of chunks whose means are off by δ: that changes it by 2·Σ|m - mean|·δ, which is
    // 2·√S·√Σδ² at most (Cauchy and Schwarz). Of that γ·(S + 2·Σd²) comes from Σ|d|, since 2·√(2ab) is at most a + 2b, and
    // 2β·√S·√Σe² from the merges.
    static (Vector<double> Mean, Vector<double> Variance) OfChunks(
        Matrix<double> x, BatchNormResult exact, int divisor, ColumnSplit split)
    {
        int batch = x.RowCount;
        int merges = (batch / ColumnMoments<Scalar>.ChunkRows) + 2 + (2 * int.Log2(batch));
        (double gamma, double beta) = (Tolerances.Gamma(batch + 4), Tolerances.Gamma((4 * merges) + 3));
        Matrix<double> d = x.MapIndexed((i, j, value) => value - x[FirstRowOfChunk(split, i), j], Zeros.Include);
        Matrix<double> e = x.MapIndexed((_, j, value) => value - x[0, j], Zeros.Include);
        Vector<double> sizeOfE = e.PointwisePower(2).ColumnSums().PointwiseSqrt();
        Vector<double> mean = (gamma * d.PointwiseAbs().ColumnSums() / batch) + (beta * sizeOfE / Math.Sqrt(batch))
            + (Tolerances.UnitRoundoff * exact.Mean.PointwiseAbs());
        Vector<double> squares = exact.Variance * divisor;
        Vector<double> offSquares = (5 * gamma * d.PointwisePower(2).ColumnSums()) + ((gamma + beta) * squares)
            + (2 * beta * squares.PointwiseSqrt().PointwiseMultiply(sizeOfE));
        return (mean, offSquares / divisor);
    }

    // The rows of a thread lie GroupRows apart within a slice, and each ChunkRows of them are a chunk.
    static int FirstRowOfChunk(ColumnSplit split, int row)
    {
        int rowInSlice = row % split.SliceRows;
        int rowOfThread = rowInSlice / split.GroupRows;
        return row - ((rowOfThread % ColumnMoments<Scalar>.ChunkRows) * split.GroupRows);
    }

    /// <summary>
    /// By how much the gradients may be off: γ times the sum of the absolute values of their terms. Where ε is added to the deviation,
    /// k = 1 / (1 - ε·r), whose divisor is off by two units.
    /// </summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="forward">The statistics that the backward pass was given.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="constants">The constants.</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    public static (Matrix<double> Dx, Vector<double> DGain, Vector<double> DBias) OfGradients(
        Matrix<double> x, BatchNormResult forward, Vector<double> gain, BatchNormConstants constants, Matrix<double> dy)
    {
        int batch = x.RowCount;
        double gamma = Tolerances.Gamma(batch + 12);
        Matrix<double> normalized = x.MapIndexed(
            (_, j, value) => Math.Abs(value - forward.Mean[j]) * forward.InverseDeviation[j], Zeros.Include);
        Vector<double> dBias = dy.PointwiseAbs().ColumnSums();
        Vector<double> dGain = dy.PointwiseAbs().PointwiseMultiply(normalized).ColumnSums();
        double epsilon = constants.EpsilonOn == EpsilonTarget.Deviation ? constants.Epsilon : 0;
        Vector<double> k = forward.InverseDeviation.Map(r => 1 / Math.Max(2 * Tolerances.UnitRoundoff, 1 - (epsilon * r)));
        double lost = epsilon == 0 ? 0 : 2 * Tolerances.UnitRoundoff / gamma;
        Matrix<double> dx = dy.MapIndexed((i, j, value) => Math.Abs(gain[j]) * forward.InverseDeviation[j]
            * (Math.Abs(value) + (dBias[j] / batch)
                + (normalized[i, j] * dGain[j] * k[j] * (1 + (lost * k[j])) / constants.VarianceDivisor(batch))), Zeros.Include);
        return (gamma * dx, gamma * dGain, gamma * dBias);
    }
}
