using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

/// <summary>What single precision may do to group normalization.</summary>
static class GroupNormRounding
{
    /// <summary>By how much y, the means and r may be off.</summary>
    /// <remarks>
    /// A sum over a group's W values touches a term with at most W roundings. The rough mean is off by e ≤ γ·Σ|x|/W. The differences d from
    /// it have the exact sum W·e, which the second pass takes off: what is left of the mean's error is γ·Σ|d|/W, where |d| is at most
    /// |x - mean| + e, and the rounding of the mean itself. Σd² = S + W·e² and (Σd)²/W = W·e², where S is the exact sum of squares: with
    /// 2ab ≤ a² + b² their difference is off by at most 3γ·(S + 2W·e²).
    /// </remarks>
    /// <param name="x">x [N, H].</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="exact">The exact result.</param>
    /// <param name="epsilon">ε.</param>
    public static (Matrix<double> Y, Matrix<double> Mean, Matrix<double> InverseDeviation) OfForward(
        Matrix<double> x, Vector<double> gain, GroupNormResult exact, double epsilon)
    {
        int width = x.ColumnCount / exact.Mean.ColumnCount;
        double gamma = Tolerances.Gamma(width + 8);
        Matrix<double> mean = exact.Mean.MapIndexed((n, group, value) =>
        {
            Vector<double> values = x.Row(n, group * width, width);
            return (gamma * ((values - value).PointwiseAbs().Sum() / width)) + (gamma * Rough(n, group))
                + (Tolerances.UnitRoundoff * Math.Abs(value));
        }, Zeros.Include);
        Matrix<double> share = exact.Variance.MapIndexed((n, group, value) =>
        {
            double off = 3 * gamma * (value + (2 * Rough(n, group) * Rough(n, group)));
            double most = 1 / Math.Sqrt(Math.Max(0, value - off) + epsilon);
            return (most / exact.InverseDeviation[n, group]) - 1 + Tolerances.Gamma(5);
        }, Zeros.Include);
        Matrix<double> y = x.MapIndexed((n, j, value) =>
        {
            int group = j / width;
            double difference = Math.Abs(value - exact.Mean[n, group]);
            return Math.Abs(gain[j]) * exact.InverseDeviation[n, group] * (1 + share[n, group])
                * (mean[n, group] + (share[n, group] * difference));
        }, Zeros.Include);
        return (y, mean, exact.InverseDeviation.PointwiseMultiply(share));

        double Rough(int n, int group) => gamma * x.Row(n, group * width, width).PointwiseAbs().Sum() / width;
    }

    /// <summary>By how much the gradients may be off: γ times the sum of the absolute values of their terms.</summary>
    /// <param name="x">x [N, H].</param>
    /// <param name="forward">The statistics that the backward pass was given.</param>
    /// <param name="gain">gain [H].</param>
    /// <param name="dy">The gradient of y [N, H].</param>
    public static (Matrix<double> Dx, Vector<double> DGain, Vector<double> DBias) OfBackward(
        Matrix<double> x, GroupNormResult forward, Vector<double> gain, Matrix<double> dy)
    {
        int width = x.ColumnCount / forward.Mean.ColumnCount;
        Matrix<double> normalized = x.MapIndexed(
            (n, j, value) => Math.Abs(value - forward.Mean[n, j / width]) * forward.InverseDeviation[n, j / width], Zeros.Include);
        Matrix<double> terms = dy.MapIndexed((_, j, value) => Math.Abs(value * gain[j]), Zeros.Include);
        Matrix<double> normalizedTerms = terms.PointwiseMultiply(normalized);
        Matrix<double> dx = terms.MapIndexed(
            (n, j, value) => forward.InverseDeviation[n, j / width]
                * (value + Mean(terms, n, j / width) + (normalized[n, j] * Mean(normalizedTerms, n, j / width))),
            Zeros.Include);
        double gamma = Tolerances.Gamma(x.RowCount + 4);
        return (
            Tolerances.Gamma(width + 12) * dx, gamma * dy.PointwiseAbs().PointwiseMultiply(normalized).ColumnSums(),
            gamma * dy.PointwiseAbs().ColumnSums());

        double Mean(Matrix<double> values, int n, int group) => values.Row(n, group * width, width).Sum() / width;
    }
}
