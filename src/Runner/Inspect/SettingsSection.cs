using System.Globalization;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>The settings of a run.</summary>
static class SettingsSection
{
    /// <summary>Every setting that the run's numbers depend on.</summary>
    /// <param name="run">The run.</param>
    public static Section Of(FinishedRun run) =>
        new("Settings") { Grid = new Grid(["setting", "value"], Rows(run)) { HoldsText = true } };

    /// <summary>The settings in words, each with its name.</summary>
    /// <param name="run">The run.</param>
    public static IReadOnlyList<IReadOnlyList<string>> Rows(FinishedRun run)
    {
        Configuration configuration = run.Model.Configuration;
        Recipe recipe = configuration.Recipe;
        return (string[][])
        [
            ["recipe", ShownText.Short(recipe.Name)],
            ["it teaches", ShownText.Short(recipe.Summary)],
            ["steps", Format.Count(run.Model.Step)],
            ["learning rate", LearningRate(configuration, run.Model.Step)],
            ["batch", Format.Count(recipe.Batch)],
            ["context", Format.Count(recipe.Context)],
            ["embedding", Format.Count(recipe.Embedding)],
            ["hidden", string.Join(", ", recipe.Hidden.Select(width => Format.Count(width)))],
            ["activation", Format.Word(recipe.Activation)],
            ["hidden weights", Drawn(recipe.HiddenWeight)],
            ["hidden bias", Drawn(recipe.HiddenBias)],
            ["last weights", Drawn(recipe.OutputWeight)],
            ["last bias", Drawn(recipe.OutputBias)],
            ["normalization", NormalizationOf(recipe)],
            .. recipe.Normalization is { } normalization ? Normalization(normalization, recipe.OutputGain) : [],
            ["L2 penalty", recipe.L2.Count == 0 ? "none" : string.Join(", ", recipe.L2.Select(term => $"{term.Key} {Number(term.Value)}"))],
            ["seed", configuration.Seed.ToString(CultureInfo.InvariantCulture)],
            .. configuration.BatchSeed is { } seed ? (string[][])[["seed of the batches", $"{seed}"]] : [],
            ["names", ShownText.Short(DataSource.Shown(run.Model.DataSource, run.Path))],
        ];
    }

    static string NormalizationOf(Recipe recipe) => recipe.Normalization switch
    {
        null => "none",
        { Kind: NormalizationKind.Group } normalization => $"group, {Format.Count(normalization.Groups)} groups",
        { } normalization => Format.Word(normalization.Kind),
    };

    static IEnumerable<string[]> Normalization(Normalization normalization, Draw? outputGain) =>
    [
        ["its gain", Drawn(normalization.Gain)],
        .. outputGain is null ? (string[][])[] : [["its gain at the logits", Drawn(outputGain)]],
        ["its bias", Drawn(normalization.Bias)],
        .. normalization.Kind == NormalizationKind.Batch
            ? BatchNorm(normalization)
            : (string[][])[["epsilon", Number(normalization.Epsilon)]],
    ];

    static string[][] BatchNorm(Normalization normalization) =>
    [        ["epsilon", $"{Number(normalization.Epsilon)}, on the {Format.Word(normalization.EpsilonOn)}"],
        ["variance", $"the {Format.Word(normalization.Variance)} one"],
        ["momentum", Number(normalization.Momentum)],
        ["running statistics", normalization.RunningStatistic == RunningStatistic.Variance ? "mean, variance" : "mean, standard deviation"],
        [
            "evaluation uses",
            normalization.Evaluation == EvaluationStatistics.Running
                ? "the running statistics"
                : "statistics calibrated over the training split",
        ],
    ];

    static string LearningRate(Configuration configuration, int stepsDone) =>
        // Up to the step after the last, at which the report looks.
        configuration.DropAt <= stepsDone && configuration.Recipe.FinalLearningRate != configuration.Recipe.LearningRate
            ? $"{Number(configuration.Recipe.LearningRate)}, "
                + $"{configuration.Recipe.FinalLearningRate.ToString("G6", CultureInfo.InvariantCulture)} from step "
                + $"{Format.Count(configuration.DropAt)} on"
            : Number(configuration.Recipe.LearningRate);

    static string Drawn(Draw? draw) => draw switch
    {
        null => "none",
        { IsConstant: true } => Number(draw.Offset),
        _ => (draw.Offset == 0 ? "" : $"{Number(draw.Offset)} + ")
            + $"randn · {Format.Factor(draw.Scale)}{(draw.ByFanIn ? " / sqrt(fan-in)" : "")}",
    };

    static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
