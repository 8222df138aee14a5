using Makemore.Gpu.Model.Checkpoints;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>How a network of a sweep ended.</summary>
enum NetworkEnd
{
    /// <summary>It was trained to its last step.</summary>
    Trained,

    /// <summary>It was left behind at a rung of successive halving, where others had a lower dev loss.</summary>
    Dropped,

    /// <summary>Its loss became infinite or not a number.</summary>
    Diverged,
}

/// <summary>What came of a network of a sweep.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Steps">The steps that it was trained for; where it diverged, the step, from 0, whose loss was no number.</param>
/// <param name="Losses">
/// The mean losses of the splits after the last step, by name; of a network that was left behind only that of dev; null where it diverged.
/// </param>
/// <param name="Curve">The training loss, thinned: see <see cref="LossCurve"/>.</param>
/// <param name="Seconds">How long its training took, beside others that were trained at the same time.</param>
sealed record NetworkOutcome(
    NetworkEnd End, int Steps, IReadOnlyDictionary<string, double>? Losses, IReadOnlyList<LossPoint> Curve, double Seconds)
{
    /// <summary>The name of the split that networks are compared by.</summary>
    public const string Dev = "dev";

    /// <summary>The dev loss; not a number where the network diverged.</summary>
    public double DevLoss => Losses?[Dev] ?? double.NaN;
}
