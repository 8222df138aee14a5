using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

/// <summary>
/// What single precision may do to batch normalization. It matters where the mean is large beside the deviation, and where there are so
/// few examples that the terms of a gradient nearly cancel; elsewhere it is of the size of the tolerances, or less.
/// </summary>
static class BatchNormRounding
{
    /// <summary>By how much the means may be off, and by which share the inverse deviations.</summary>
    /// <remarks>
    /// The sum of N values is off by at most γ·Σ|x|, and so the mean by δ = γ·Σ|x|/N: 2e-3 for 33 values around 1000. Each difference
    /// from the mean is off by the same δ. That adds N·δ² to the sum of squared differences (their own sum is 0, so there is no term in
    /// δ alone): a share of at most 2·(δ·r)², since the sum is at most (N-1)/r². The rounding of the squares and of their sum is another
    /// γ. A root halves a share: r is off by at most the share (δ·r)² + γ.
    /// </remarks>
    /// <param name="x">x [N, H].</param>
    /// <param name="inverseDeviation">r [H].</param>
    public static (Vector<double> Mean, Vector<double> Share) OfStatistics(Matrix<double> x, Vector<double> inverseDeviation)
    {
        double gamma = Tolerances.Gamma(x.RowCount + 4);
        Vector<double> mean = gamma * x.PointwiseAbs().ColumnSums() / x.RowCount;
        return (mean, mean.PointwiseMultiply(inverseDeviation).PointwisePower(2) + gamma);
    }

    /// <summary>By how much the gradients may be off: γ times the sum of the absolute values of their terms.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="forward">The statistics that the backward pass was given.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    public static (Matrix<double> Dx, Vector<double> DGain, Vector<double> DBias) OfGradients(
        Matrix<double> x, BatchNormResult forward, Vector<double> gain, Matrix<double> dy)
    {
        int batch = x.RowCount;
        double gamma = Tolerances.Gamma(batch + 12);
        Matrix<double> normalized = x.MapIndexed(
            (_, j, value) => Math.Abs(value - forward.Mean[j]) * forward.InverseDeviation[j], Zeros.Include);
        Vector<double> dBias = dy.PointwiseAbs().ColumnSums();
        Vector<double> dGain = dy.PointwiseAbs().PointwiseMultiply(normalized).ColumnSums();
        Matrix<double> dx = dy.MapIndexed((i, j, value) => Math.Abs(gain[j]) * forward.InverseDeviation[j]
            * (Math.Abs(value) + (dBias[j] / batch) + (normalized[i, j] * dGain[j] / (batch - 1))), Zeros.Include);
        return (gamma * dx, gamma * dGain, gamma * dBias);
    }
}
