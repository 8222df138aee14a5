using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Shows what came of a sweep: which settings are the best, by how much, and what each of them does.</summary>
static class SweepPage
{
    const int MostDiverged = 10;

    /// <summary>The page.</summary>
    /// <param name="summary">What came of the sweep.</param>
    public static Page Of(SweepSummary summary) => new(
        $"{Format.Counted(summary.Networks, "network")} compared",
        [
            Best(summary),
            .. summary.Results.Count > 0 ? (Section[])[SweepTable.Section(summary)] : [],
            .. SettingCharts.Sections(summary),
            .. SettingMaps.Sections(summary),
            .. CurveChart.Sections(summary),
            .. Diverged(summary.Comparison),
        ]);

    static Section Best(SweepSummary summary) => summary.Comparison.Best is { Outcome: var outcome, Network: var network }
        ? new Section("The best")
        {
            Text = $"Network {network.Number} has the lowest dev loss: {Format.Loss(outcome.DevLoss)}, with {Name(network)}. Its loss on "
                + $"train is {Loss(outcome, "train")}, on test {Loss(outcome, "test")}. A uniform guess has "
                + $"{Format.Loss(summary.UniformLoss)}.{Rival(summary.Comparison)}\n\n{Work(summary)}",
            Lines =
            [
                .. summary.BestModel is { } model ? (string[])[$"model: {model}"] : [],
                $"train it again: {summary.BestCommand}",
            ],
        }
        : new Section("The best")
        {
            Text = $"No network was trained to its end with a dev loss that is a number, so none is the best.\n\n{Work(summary)}",
        };

    static string Loss(NetworkOutcome outcome, string split) => Format.Loss(outcome.Losses![split]);

    static string Name(SweptNetwork network) => network.Settings.Count == 0
        ? "the settings that all have"
        : string.Join(", ", network.Settings.Select(setting => $"{setting.Name} {setting.Value}"));

    // The lowest of many losses may be due to a lucky seed.
    static string Rival(SweepComparison comparison) => comparison.Groups[0].Results.Contains(comparison.Best!)
        ? ""
        : $" Its seed has a part in that: over all seeds, {comparison.Groups[0].Name} has the lowest mean.";

    static string Work(SweepSummary summary)
    {
        // Of a sweep of which nothing was left to train, there is no time to tell.
        string time = summary.StepsPerSecond > 0
            ? $" Training took {Format.Duration(TimeSpan.FromSeconds(summary.Seconds))}, at "
                + $"{Format.Count((long)summary.StepsPerSecond)} steps a second in all."
            : "";
        return summary.Results.Count == summary.Networks
            ? $"{Format.Counted(summary.Networks, "network has", "networks have")} ended.{time}"
            : $"The sweep was interrupted: {Format.Count(summary.Results.Count)} of {Format.Counted(summary.Networks, "network")} have "
                + $"ended.{time}";
    }

    static IEnumerable<Section> Diverged(SweepComparison comparison)
    {
        SettingsGroup[] groups = [.. comparison.Groups.Where(group => group.Diverged.Count > 0)];
        if (groups.Length > 0)
        {
            yield return new Section("What diverged")
            {
                Text = "The loss became infinite or not a number. A lower learning rate or smaller weights at the start mostly help.",
                Lines =
                [
                    .. groups.Take(MostDiverged).Select(group =>
                        $"{group.Name}: {group.Diverged.Count} of {group.Results.Count}, {SweepTable.AtSteps(group.Diverged)}"),
                    .. groups.Length > MostDiverged ? (string[])[$"and {Format.Count(groups.Length - MostDiverged)} more settings"] : [],
                ],
            };
        }
    }
}
