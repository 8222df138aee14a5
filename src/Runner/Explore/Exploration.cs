using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>What an experiment gave: its numbers, and how they are shown.</summary>
/// <param name="Result">The numbers.</param>
/// <param name="Page">The page.</param>
sealed record Finding(object Result, Page Page);

/// <summary>One of the lectures' small experiments.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Summary">What it shows, in a line.</param>
/// <param name="Steps">The steps of its trainings where nobody asks for another number; null where it trains nothing.</param>
/// <param name="Run">Makes the experiment, with so many steps.</param>
sealed record Exploration(string Name, string Summary, int? Steps, Func<ExperimentContext, int, Finding> Run)
{
    /// <summary>Every experiment, in the order of the lectures.</summary>
    public static IReadOnlyList<Exploration> All { get; } =
    [
        Training(
            "uniform-loss", "the loss of each recipe at its start, beside that of a mere guess",
            1000, UniformLoss.Run, UniformLossPage.Of),
        Looking(
            "logit-scale", "what large logits do to the loss of a wrong guess",
            LogitScale.Run, LogitScalePage.Of),
        Looking(
            "saturation", "hidden units whose tanh lets no gradient pass",
            SaturatedStart.Run, SaturationPage.Of),
        Looking(
            "hidden-scale", "how the scale of the hidden weights saturates tanh",
            HiddenScale.Run, HiddenScalePage.Of),
        Looking(
            "fan-in", "why weights are divided by the root of a layer's inputs",
            FanIn.Run, FanInPage.Of),
        Training(
            "gain", "how a signal comes through six layers at four gains: with tanh, without, with BatchNorm",
            1000, Gain.Run, GainPage.Of),
        Looking(
            "bias-before-batchnorm", "the bias that learns nothing",
            BiasBeforeBatchNorm.Run, BiasBeforeBatchNormPage.Of),
        Training(
            "calibration", "running statistics of BatchNorm beside those of the whole training split",
            10_000, RunningStatistics.Run, CalibrationPage.Of),
        Training(
            "learning-rate", "how large each update is beside what it updates, at three learning rates",
            1000, LearningRate.Run, LearningRatePage.Of),
        Training(
            "unscaled-init", "what BatchNorm does not heal where weights are drawn without a scale",
            1000, UnscaledInit.Run, UnscaledInitPage.Of),
        Training(
            "normalization", "batch, layer and group normalization and none, at batches of 2 to 256 examples",
            1000, Normalizations.Run, NormalizationsPage.Of),
        Looking(
            "gradient-of-loss", "the gradient of the logits: a pull down on each character, and up on the right one",
            GradientOfLoss.Run, GradientOfLossPage.Of),
        Training(
            "overfit-one-batch", "32 examples learned by heart, and what keeps the loss above 0",
            1000, OverfitOneBatch.Run, OverfitOneBatchPage.Of),
    ];

    /// <summary>The experiment of a name.</summary>
    /// <param name="name">The name; null where none was given.</param>
    /// <exception cref="InvalidRequestException">There is no such experiment.</exception>
    public static Exploration Named(string? name) =>
        All.FirstOrDefault(exploration => exploration.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidRequestException(
            (name is null ? "no experiment was given" : $"unknown experiment '{name}'")
            + $": use {string.Join(", ", All.Select(exploration => exploration.Name))}");

    static Exploration Looking<T>(string name, string summary, Func<ExperimentContext, T> run, Func<T, Page> show)
        where T : notnull => new(name, summary, null, (context, _) => Find(run(context), show));

    static Exploration Training<T>(string name, string summary, int steps, Func<ExperimentContext, int, T> run, Func<T, Page> show)
        where T : notnull => new(name, summary, steps, (context, length) => Find(run(context, length), show));

    static Finding Find<T>(T result, Func<T, Page> show)
        where T : notnull => new(result, show(result));
}
