using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The settings of a sweep in the order of their dev loss.</summary>
static class SweepTable
{
    const int MostRows = 30;

    /// <summary>The section of the table.</summary>
    /// <param name="summary">What came of the sweep, of which a network at least has ended.</param>
    public static Section Section(SweepSummary summary)
    {
        IReadOnlyList<SettingsGroup> groups = summary.Comparison.Groups;
        return new Section("By dev loss")
        {
            Text = Seeds(groups)
                + (groups.Any(group => group.Dropped.Count > 0) ? " What was dropped has the dev loss that it had then." : "")
                + (groups.Count > MostRows
                    ? $" {Format.Count(groups.Count - MostRows)} more settings are in the file of the sweep."
                    : ""),
            Grid = new Grid(
                ["", .. summary.VariedSettings, "seeds", "dev", "train", "test", "steps", "note"],
                [.. groups.Take(MostRows).Select((group, i) => Row(summary, group, i))])
            {
                EndsInText = true,
            },
        };
    }

    /// <summary>When networks diverged or were dropped: at step 12, at steps 12 to 40.</summary>
    /// <param name="results">The networks.</param>
    public static string AtSteps(IReadOnlyList<NetworkResult> results)
    {
        (int first, int last) = (results.Min(result => result.Outcome.Steps), results.Max(result => result.Outcome.Steps));
        return first == last ? $"at step {Format.Count(first)}" : $"at steps {Format.Count(first)} to {Format.Count(last)}";
    }

    static string Seeds(IReadOnlyList<SettingsGroup> groups)
    {
        SettingsGroup[] trained = [.. groups.Where(group => group.Trained.Count > 0)];
        return (trained.Any(group => group.Trained.Count > 1), trained.Length > 1) switch
        {
            (true, true) => "Mean ± standard deviation over seeds. What is within the spread of the best differs from it by less than two "
                + "standard errors of the difference: other seeds could turn the order around.",
            (true, false) => "Mean ± standard deviation over seeds.",
            (false, true) => "With one seed each, nothing can be said about which differences are more than chance: give several "
                + "with --seeds.",
            _ => "",
        };
    }

    static string[] Row(SweepSummary summary, SettingsGroup group, int index) =>
    [
        $"{index + 1}",
        .. summary.VariedSettings.Select(name => group.Settings.FirstOrDefault(setting => setting.Name == name)?.Value ?? ""),
        Format.Count(group.Results.Count),
        Dev(group),
        Mean(group, "train"),
        Mean(group, "test"),
        Format.Count(group.Results.Max(result => result.Outcome.Steps)),
        Note(summary.Comparison, group),
    ];

    static string Dev(SettingsGroup group) => group.LossOf(NetworkOutcome.Dev) switch
    {
        { Count: > 1 } loss => $"{Format.Loss(loss.Mean)} ± {Format.Loss(loss.Deviation)}",
        { } loss => Format.Loss(loss.Mean),
        null when group.Dropped.Count > 0 => Format.Loss(group.Dropped.Min(result => result.Outcome.DevLoss)),
        null => "",
    };

    static string Mean(SettingsGroup group, string split) => group.LossOf(split) is { } loss ? Format.Loss(loss.Mean) : "";

    static string Note(SweepComparison comparison, SettingsGroup group) => string.Join(", ", (string[])
    [
        .. group.Trained.Count > 0 && group == comparison.Groups[0] ? (string[])["the best"] : [],
        .. comparison.IsWithinSeedsOfBest(group) == true ? (string[])["within the spread of the best"] : [],
        .. Part(group, group.Dropped, "dropped"),
        .. Part(group, group.Diverged, "diverged"),
    ]);

    static IEnumerable<string> Part(SettingsGroup group, IReadOnlyList<NetworkResult> results, string what)
    {
        if (results.Count > 0)
        {
            string part = results.Count == group.Results.Count ? "" : $"{results.Count} of {group.Results.Count} ";
            yield return $"{part}{what} {AtSteps(results)}";
        }
    }
}
