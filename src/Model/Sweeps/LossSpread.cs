using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>What seeds make of a loss.</summary>
/// <param name="Count">How many seeds.</param>
/// <param name="Mean">The mean loss.</param>
/// <param name="Deviation">The standard deviation, by n - 1; not a number for one seed.</param>
sealed record LossSpread(int Count, double Mean, double Deviation)
{
    // A difference that is larger is due to chance in about one comparison of twenty.
    const double StandardErrors = 2;

    double SquaredError => Deviation * Deviation / Count;

    /// <summary>The spread of some losses.</summary>
    /// <param name="losses">The losses, one for each seed.</param>
    public static LossSpread Of(IReadOnlyList<double> losses)
    {
        ArgumentNullException.ThrowIfNull(losses);
        return new LossSpread(losses.Count, losses.Mean(), losses.StandardDeviation());
    }

    /// <summary>
    /// Whether it is above a lower one by less than about two standard errors of the difference, which unequal variances have their part in
    /// (B. L. Welch, "The generalization of Student's problem when several different population variances are involved", 1947): seeds alone
    /// make as much. Null where one of the two has fewer than two seeds.
    /// </summary>
    /// <param name="lower">The lower one.</param>
    public bool? IsWithinSeedsOf(LossSpread lower)
    {
        ArgumentNullException.ThrowIfNull(lower);
        return Count < 2 || lower.Count < 2
            ? null
            : Mean - lower.Mean < StandardErrors * Math.Sqrt(SquaredError + lower.SquaredError);
    }
}
