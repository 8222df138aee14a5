using System.Globalization;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>How a run went, and what it led to.</summary>
static class RunSections
{
    /// <summary>What one wants to know first: the losses, how they got there, and names that it made up.</summary>
    /// <param name="run">The run.</param>
    /// <param name="losses">The losses of the splits by name.</param>
    /// <param name="names">The names.</param>
    public static Section Summary(FinishedRun run, IReadOnlyDictionary<string, double> losses, ShownNames names)
    {
        Configuration configuration = run.Model.Configuration;
        double[] steps = [.. run.Metrics.Select(result => (double)result.Step)];
        double[] raw = [.. run.Metrics.Select(result => (double)result.Loss)];
        return new Section("Summary")
        {
            Facts =
            [
                .. losses.Select(loss => new Fact($"{loss.Key} loss", Format.Loss(loss.Value))),
                new Fact("steps", Format.Count(run.Model.Step)),
                new Fact("new names", Format.Count(names.All.Count(name => name.KnownIn is null)), $"of {Format.Count(names.All.Count)}"),
            ],
            Text = $"The losses after {Format.Counted(run.Model.Step, "step")} are means over all examples of each split. A training loss far "
                + "below that of dev means overfitting. While training, the loss of single batches jumps about; the average shows how "
                + "training goes.\n\nThe names are drawn from the model, each with the split that it stands in, where it is no new one. A "
                + "model that only repeats the names that it was trained on has learned them by heart; it never saw those of dev and "
                + "test.\n\n"
                + string.Join("\n\n", names.Summary),
            Pictures =
            [
                RunCharts.Losses("loss", "Loss while training",
                [
                    new Series("each step", steps, raw, SeriesStyle.Faint),
                    RunCurves.Averaged(run),
                    .. RunCurves.Dev(run, losses["dev"]),
                ]) with
                {
                    Moments = RunCharts.Drop(configuration, steps.Length > 0 ? steps[^1] : null),
                },
            ],
            Words = [.. names.Shown.Select(name => new Word(name.Name, names.Mark(name)))],
        };
    }

    /// <summary>How fast each matrix moved while training.</summary>
    /// <param name="looks">What a watch saw, and what it would see before the next step.</param>
    /// <param name="configuration">The settings.</param>
    public static Section UpdateToData(IReadOnlyList<WatchedStep> looks, Configuration configuration)
    {
        const string Text = "The base-10 logarithm of how large a step's update is beside the values: learning rate x std(gradient) / "
            + "std(weight). About -3 is good, and somewhat above it, up to -2, is healthy: the matrix learns fast. One far below -4 hardly "
            + "learns, and one far above -2 is thrown about. The last matrix may start far above: where its weights were drawn small, to "
            + "keep the logits near 0, the same update is large beside them, until they have grown.";
        string[] weights = [.. looks[0].UpdateToData.Keys];
        WatchedStep[] shown = [.. Enumerable.Range(0, 5).Select(i => looks[i * (looks.Count - 1) / 4]).Distinct()];
        double[] steps = [.. looks.Select(look => (double)look.Step)];
        return new Section("Update to data")
        {
            Text = looks.Count > 1
                ? Text
                : Text + " This run was not watched, so that only the next step is known: train --watch writes them all down.",
            Grid = new Grid(
                ["matrix", .. shown.Select(look => string.Create(CultureInfo.InvariantCulture, $"step {look.Step:N0}"))],
                [.. weights.Select(weight => (string[])[weight, .. shown.Select(look => Format.Signed(look.LogUpdateToData(weight), 2))])]),
            Pictures = looks.Count == 1 ? [] :
            [
                RunCharts.Updates("update-to-data", "Update to data of each matrix", steps,
                    weights.Select(weight => (weight, (IReadOnlyList<double>)[.. looks.Select(look => look.LogUpdateToData(weight))]))) with
                {
                    Moments = RunCharts.Drop(configuration, steps.Length > 0 ? steps[^1] : null),
                },
            ],
        };
    }

    /// <summary>Running against calibrated statistics; nothing for a network without BatchNorm.</summary>
    /// <param name="comparisons">Both, for each normalization.</param>
    /// <param name="normalization">The normalizations' settings; null where there is none.</param>
    public static IEnumerable<Section> Statistics(IReadOnlyList<StatisticsComparison> comparisons, Normalization? normalization)
    {
        if (normalization is null || comparisons.Count == 0)
        {
            yield break;
        }
        (string spread, string spreads) = normalization.RunningStatistic == RunningStatistic.Variance
            ? ("variance", "Variances")
            : ("std", "Standard deviations");
        yield return new Section("BatchNorm statistics")
        {
            Text = "The statistics that were followed while training, beside those of the whole training split, and the averages of both "
                + "over the features. Where they differ, "
                + "evaluation normalizes by numbers that the network never had: train longer, or calibrate.",
            Grid = new Grid(
                ["statistic", "features", "average, running", "average, calibrated", "largest difference", "mean difference"],
                [
                    .. from comparison in comparisons
                       from statistic in new[] { (Name: "mean", Pair: comparison.Mean), (Name: spread, Pair: comparison.Spread) }
                       select (string[])
                       [
                           $"{Layer(comparison)}, {statistic.Name}",
                           Format.Count(statistic.Pair.Running.Count),
                           Format.Signed(statistic.Pair.RunningAverage, 6),
                           Format.Signed(statistic.Pair.CalibratedAverage, 6),
                           Format.Scientific(statistic.Pair.LargestDifference),
                           Format.Scientific(statistic.Pair.MeanDifference),
                       ],
                ]),
            Pictures =
            [
                Scatter("batchnorm-mean", "Means of the features", comparisons.Select(comparison => (Layer(comparison), comparison.Mean))),
                Scatter(
                    "batchnorm-spread", $"{spreads} of the features",
                    comparisons.Select(comparison => (Layer(comparison), comparison.Spread))),
            ],
        };
    }

    /// <summary>Statistics as they were followed over those that were calibrated, and the line on which both are equal.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="pairs">The statistics, with their names in the legend.</param>
    public static Chart Scatter(string name, string title, IEnumerable<(string Name, StatisticsPair Pair)> pairs)
    {
        Series[] points =
        [
            .. pairs.Select(entry => new Series(
                entry.Name,
                [.. entry.Pair.Calibrated.Select(value => (double)value)],
                [.. entry.Pair.Running.Select(value => (double)value)],
                SeriesStyle.Points)),
        ];
        double[] ends = [points.Min(series => series.X.Min()), points.Max(series => series.X.Max())];
        return new Chart(name, title, "calibrated", "running", [new Series("equal", ends, ends, SeriesStyle.Guide), .. points]);
    }

    static string Layer(StatisticsComparison comparison) => string.Create(CultureInfo.InvariantCulture, $"layer {comparison.Layer}");
}
