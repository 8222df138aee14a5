using System.Globalization;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>The settings of a run.</summary>
static class SettingsSection
{
    /// <summary>Every setting that the run's numbers depend on.</summary>
    /// <param name="run">The run.</param>
    public static Section Of(FinishedRun run)
    {
        Configuration configuration = run.Model.Configuration;
        Recipe recipe = configuration.Recipe;
        string[][] rows =
        [
            ["recipe", recipe.Name],
            ["it teaches", recipe.Summary],
            ["steps", Format.Count(run.Model.Step)],
            ["learning rate", LearningRate(configuration, run.Model.Step)],
            ["batch", Format.Count(recipe.Batch)],
            ["context", Format.Count(recipe.Context)],
            ["embedding", Format.Count(recipe.Embedding)],
            ["hidden", string.Join(", ", recipe.Hidden.Select(width => Format.Count(width)))],
            ["activation", recipe.Activation == Activation.Tanh ? "tanh" : "none"],
            ["hidden weights", Drawn(recipe.HiddenWeight)],
            ["hidden bias", Drawn(recipe.HiddenBias)],
            ["last weights", Drawn(recipe.OutputWeight)],
            ["last bias", Drawn(recipe.OutputBias)],
            .. recipe.Normalization is { } normalization ? Normalization(normalization, recipe.OutputGain) : [],
            ["L2 penalty", string.Create(CultureInfo.InvariantCulture, $"{recipe.L2.Embedding}, {recipe.L2.Hidden}, {recipe.L2.Output}")],
            ["seed", configuration.Seed.ToString(CultureInfo.InvariantCulture)],
            ["names", run.Model.DataSource],
        ];
        return new Section("Settings") { Grid = new Grid(["setting", "value"], rows) { HoldsText = true } };
    }

    static IEnumerable<string[]> Normalization(Normalization normalization, Draw? outputGain) =>
    [
        ["BatchNorm gain", Drawn(normalization.Gain)],
        .. outputGain is null ? (string[][])[] : [["BatchNorm gain of the logits", Drawn(outputGain)]],
        ["BatchNorm bias", Drawn(normalization.Bias)],
        ["epsilon", Number(normalization.Epsilon)],
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
        configuration.DropAt <= stepsDone
            ? $"{Number(configuration.Recipe.LearningRate)}, a tenth of it from step {Format.Count(configuration.DropAt)} on"
            : Number(configuration.Recipe.LearningRate);

    static string Drawn(Draw? draw) => draw switch
    {
        null => "none",
        { IsConstant: true } => Number(draw.Offset),
        _ => (draw.Offset == 0 ? "" : $"{Number(draw.Offset)} + ")
            + $"randn · {Format.Gain(draw.Scale)}{(draw.ByFanIn ? " / sqrt(fan-in)" : "")}",
    };

    static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);
}
