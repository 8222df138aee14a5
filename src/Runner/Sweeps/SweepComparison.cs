using Makemore.Gpu.Model.Sweeps;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// The settings of a sweep, compared by their mean dev loss over seeds: first those with trained networks, then those that were dropped,
/// the farthest first, and last those that diverged.
/// </summary>
/// <param name="Groups">The networks by their settings, the best first.</param>
sealed record SweepComparison(IReadOnlyList<SettingsGroup> Groups)
{
    /// <summary>The network with the lowest dev loss, the first of equals; null where none was trained to its end.</summary>
    public NetworkResult? Best { get; } = BestOf(Groups.SelectMany(group => group.Results));

    /// <summary>The network with the lowest dev loss, the first of equals; null where none was trained to its end.</summary>
    /// <param name="results">The networks that have ended.</param>
    public static NetworkResult? BestOf(IEnumerable<NetworkResult> results) => results
        .Where(SettingsGroup.IsTrained)
        .MinBy(result => (result.Outcome.DevLoss, result.Network.Number));

    /// <summary>Compares networks.</summary>
    /// <param name="results">The networks that have ended.</param>
    public static SweepComparison Of(IReadOnlyList<NetworkResult> results) => new(
    [
        .. results.OrderBy(result => result.Network.Number)
            .GroupBy(result => string.Join('\n', SettingsOf(result)))
            .Select(networks => new SettingsGroup(SettingsOf(networks.First()), [.. networks]))
            .OrderBy(group => group.Trained.Count > 0 ? 0 : group.Dropped.Count > 0 ? 1 : 2)
            .ThenByDescending(StepsOfDropped)
            .ThenBy(DevLoss),
    ]);

    /// <summary>
    /// Whether settings differ from the best ones by no more than seeds make (<see cref="LossSpread.IsWithinSeedsOf"/>); null where nothing
    /// can be said, and for the best.
    /// </summary>
    /// <param name="group">The settings.</param>
    public bool? IsWithinSeedsOfBest(SettingsGroup group) =>
        group != Groups[0] && Groups[0].LossOf(NetworkOutcome.Dev) is { } best
            ? group.LossOf(NetworkOutcome.Dev)?.IsWithinSeedsOf(best)
            : null;

    static IReadOnlyList<Setting> SettingsOf(NetworkResult result) =>
        [.. result.Network.Settings.Where(setting => setting.Name != Setting.Seed)];

    static int StepsOfDropped(SettingsGroup group) =>
        group.Trained.Count > 0 ? 0 : group.Dropped.Select(result => result.Outcome.Steps).DefaultIfEmpty().Max();

    static double DevLoss(SettingsGroup group) =>
        group.LossOf(NetworkOutcome.Dev)?.Mean
        ?? group.Dropped.Select(result => result.Outcome.DevLoss).DefaultIfEmpty(double.PositiveInfinity).Min();
}
