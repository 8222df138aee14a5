using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>How a run went, and what it led to.</summary>
static class RunSections
{
    const int AveragedSteps = 1000;

    // A curve of fewer points says nothing.
    const int FewestAverages = 20;

    /// <summary>The settings of a run.</summary>
    /// <param name="run">The run.</param>
    public static Section Settings(FinishedRun run)
    {
        Configuration configuration = run.Model.Configuration;
        Recipe recipe = configuration.Recipe;
        string[][] rows =
        [
            ["recipe", recipe.Name],
            ["it teaches", recipe.Summary],
            ["steps", Format.Count(run.Model.Step)],
            ["learning rate", LearningRate(configuration)],
            ["batch", Format.Count(recipe.Batch)],
            ["context", Format.Count(recipe.Context)],
            ["embedding", Format.Count(recipe.Embedding)],
            ["hidden", string.Join(", ", recipe.Hidden.Select(width => Format.Count(width)))],
            ["normalization", Normalization(recipe)],
            ["hidden weights", Drawn(recipe.HiddenWeight)],
            ["last weights", Drawn(recipe.OutputWeight)],
            ["L2 penalty", L2(recipe)],
            ["seed", configuration.Seed.ToString(CultureInfo.InvariantCulture)],
            ["names", run.Model.DataSource],
        ];
        return new Section("Settings") { Grid = new Grid(["setting", "value"], rows) { HoldsText = true } };
    }

    static string LearningRate(Configuration configuration)
    {
        Recipe recipe = configuration.Recipe;
        string rate = recipe.LearningRate.ToString(CultureInfo.InvariantCulture);
        // Up to the step after the last, at which the report looks.
        return configuration.DropAt <= configuration.Steps && recipe.FinalLearningRate != recipe.LearningRate
            ? string.Create(CultureInfo.InvariantCulture, $"{rate}, {recipe.FinalLearningRate:g6} from step {configuration.DropAt:N0} on")
            : rate;
    }

    static string Normalization(Recipe recipe) => recipe.Normalization switch
    {
        null => "none",
        { Kind: NormalizationKind.Group } normalization => $"group, {Format.Count(normalization.Groups)} groups",
        { } normalization => normalization.Kind.ToString().ToLowerInvariant(),
    };

    static string L2(Recipe recipe) => recipe.L2.Count == 0
        ? "none"
        : string.Join(", ", recipe.L2.Select(term => string.Create(CultureInfo.InvariantCulture, $"{term.Key} {term.Value}")));

    /// <summary>The loss of every step, and of the three splits in the end.</summary>
    /// <param name="run">The run.</param>
    /// <param name="losses">The losses of the splits by name.</param>
    public static Section Loss(FinishedRun run, IReadOnlyDictionary<string, double> losses)
    {
        double[] steps = [.. run.Metrics.Select(result => (double)result.Step)];
        double[] raw = [.. run.Metrics.Select(result => (double)result.Loss)];
        int window = Math.Clamp(raw.Length / FewestAverages, 1, AveragedSteps);
        return new Section("Loss")
        {
            Text = "The loss of single batches jumps about; the average shows how training goes. A training loss far below that of dev "
                + "means overfitting.",
            Grid = new Grid([.. losses.Keys], [[.. losses.Values.Select(Format.Loss)]]),
            Pictures =
            [
                new Chart("loss", "Loss while training", "step", "loss",
                [
                    new Series("each step", steps, raw, SeriesStyle.Faint),
                    new Series(
                        string.Create(CultureInfo.InvariantCulture, $"mean over {window:N0} steps"),
                        [.. steps.Chunk(window).Select(chunk => chunk.Average())], [.. raw.Chunk(window).Select(chunk => chunk.Average())]),
                ]),
            ],
        };
    }

    /// <summary>How fast each matrix moved while training.</summary>
    /// <param name="looks">What a watch saw, and what it would see before the next step.</param>
    public static Section UpdateToData(IReadOnlyList<WatchedStep> looks)
    {
        const string Text = "The base-10 logarithm of how large a step's update is beside the values: learning rate x std(gradient) / "
            + "std(weight). About -3 is good: a matrix that is far below hardly learns, and one that is far above is thrown about.";
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
                Updates("update-to-data", "Update to data of each matrix", steps,
                    weights.Select(weight => (weight, (IReadOnlyList<double>)[.. looks.Select(look => look.LogUpdateToData(weight))]))),
            ],
        };
    }

    /// <summary>How large updates were beside what they updated, with the rule of thumb to compare with.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="steps">The steps that were looked at.</param>
    /// <param name="matrices">For each matrix its name, and log10 of its ratio at each of the steps.</param>
    public static Chart Updates(
        string name, string title, IReadOnlyList<double> steps, IEnumerable<(string Name, IReadOnlyList<double> Ratios)> matrices) =>
        new(name, title, "step", "log10 of update:data", [.. matrices.Select(matrix => new Series(matrix.Name, steps, matrix.Ratios))])
        {
            Levels = [new Level(WatchedStep.RuleOfThumb, "-3")],
        };

    /// <summary>Running against calibrated statistics; nothing for a network without BatchNorm.</summary>
    /// <param name="comparisons">Both, for each normalization.</param>
    public static IEnumerable<Section> Statistics(IReadOnlyList<StatisticsComparison> comparisons)
    {
        if (comparisons.Count == 0)
        {
            yield break;
        }
        yield return new Section("BatchNorm statistics")
        {
            Text = "The statistics that were followed while training, beside those of the whole training split. Where they differ, "
                + "evaluation normalizes by numbers that the network never had: train longer, or calibrate.",
            Grid = new Grid(
                ["statistic", "features", "largest difference", "mean difference"],
                [
                    .. from comparison in comparisons
                       from statistic in new[] { (Name: "mean", Pair: comparison.Mean), (Name: "spread", Pair: comparison.Spread) }
                       select (string[])
                       [
                           $"{Layer(comparison)}, {statistic.Name}",
                           Format.Count(statistic.Pair.Running.Count),
                           Format.Scientific(statistic.Pair.LargestDifference),
                           Format.Scientific(statistic.Pair.MeanDifference),
                       ],
                ]),
            Pictures =
            [
                Scatter("batchnorm-mean", "Means of the features", comparisons.Select(comparison => (Layer(comparison), comparison.Mean))),
                Scatter(
                    "batchnorm-spread", "Spreads of the features",
                    comparisons.Select(comparison => (Layer(comparison), comparison.Spread))),
            ],
        };
    }

    /// <summary>New names, and which of them are not new at all.</summary>
    /// <param name="names">The names.</param>
    /// <param name="known">The names that it was trained on.</param>
    public static Section Names(IReadOnlyList<string> names, IReadOnlySet<string> known) => new("Names")
    {
        Text = "Drawn from the model. A model that only repeats the names that it was trained on has learned them by heart.",
        Grid = new Grid(
            ["name", ""],
            [.. names.Select(name => (string[])[name, known.Contains(name) ? "in the training names" : "new"])])
        {
            HoldsText = true,
        },
    };

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

    static string Drawn(Draw draw) =>
        string.Create(CultureInfo.InvariantCulture, $"randn · {draw.Scale:0.####}{(draw.ByFanIn ? " / sqrt(fan-in)" : "")}");
}
