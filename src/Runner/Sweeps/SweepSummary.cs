using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>What came of a sweep.</summary>
/// <param name="Varied">The settings in which networks differ, in the order in which they were given.</param>
/// <param name="Results">The networks that have ended.</param>
/// <param name="Networks">How many networks there are in all: more than have ended where the sweep was interrupted.</param>
/// <param name="UniformLoss">The loss of who takes every character for equally likely.</param>
/// <param name="Seconds">How long this call has trained.</param>
/// <param name="StepsPerSecond">The steps of all networks in a second meanwhile; 0 where nothing was left to train.</param>
/// <param name="BestModel">The file of the best network; null where it was not written.</param>
/// <param name="BestCommand">The command line that trains the best network again.</param>
sealed record SweepSummary(
    IReadOnlyList<string> Varied, IReadOnlyList<NetworkResult> Results, int Networks, double UniformLoss, double Seconds,
    double StepsPerSecond, string? BestModel, string BestCommand)
{
    // The part of the axis that is left above the level of the uniform loss, and below the lowest loss.
    const double Margin = 0.05;

    /// <summary>The settings in which networks differ, but for the seed.</summary>
    public IReadOnlyList<string> VariedSettings { get; } = [.. Varied.Where(name => name != Setting.Seed)];

    /// <summary>The settings, compared.</summary>
    public SweepComparison Comparison { get; } = SweepComparison.Of(Results);

    /// <summary>The networks that were trained to their last step.</summary>
    public IReadOnlyList<NetworkResult> Trained => [.. Results.Where(SettingsGroup.IsTrained)];

    /// <summary>
    /// The vertical axis of losses. It ends a little above the uniform loss where there are losses below it and beyond: what is worse has
    /// learned nothing, and would leave no height for the rest.
    /// </summary>
    /// <param name="losses">The losses.</param>
    public Extent AxisOf(IEnumerable<double> losses)
    {
        double[] finite = [.. losses.Where(double.IsFinite)];
        double low = finite.DefaultIfEmpty().Min();
        double top = UniformLoss + (Margin * (UniformLoss - low));
        return finite.Length > 0 && low < UniformLoss && finite.Max() > top
            ? new Extent(low - (Margin * (UniformLoss - low)), top)
            : Extent.OfData;
    }
}
