using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Normalization;

/// <summary>
/// What single precision may do to statistics that are taken in one pass, of the differences d from each feature's first value. A large
/// mean hardly matters, since it is not in d.
/// </summary>
static class NormalizeRounding
{
    /// <summary>By how much the means may be off, and by which share the variances.</summary>
    /// <remarks>
    /// A difference, its square and their sums are touched by at most N + 2 roundings: Σd is off by γ·Σ|d|, and Σd² by γ·Σd². The sum of
    /// squared differences from the mean is S = Σd² - (Σd)²/N, where (Σd)² is at most N·Σd² and is off by twice the share of Σd: S is
    /// off by 3γ·Σd² at most. The mean is the first value + Σd/N, which is rounded once more.
    /// </remarks>
    /// <param name="x">x [N, H].</param>
    /// <param name="exact">The exact statistics.</param>
    /// <param name="divisor">What the sum of squared differences is divided by.</param>
    public static (Vector<double> Mean, Vector<double> VarianceShare) OfStatistics(Matrix<double> x, BatchNormResult exact, int divisor)
    {
        int batch = x.RowCount;
        double gamma = Tolerances.Gamma(batch + 4);
        Matrix<double> differences = ReferenceOperations.AddBias(x, -x.Row(0));
        Vector<double> mean = (gamma * differences.PointwiseAbs().ColumnSums() / batch)
            + (Tolerances.UnitRoundoff * exact.Mean.PointwiseAbs());
        Vector<double> squares = differences.PointwisePower(2).ColumnSums();
        // Where all values are equal, every difference is 0 exactly.
        Vector<double> share = squares.MapIndexed(
            (j, value) => value == 0 ? 0 : 3 * gamma * value / (exact.Variance[j] * divisor), Zeros.Include);
        return (mean, share);
    }
}
