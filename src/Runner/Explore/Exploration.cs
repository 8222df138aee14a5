using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Pages;
using static Makemore.Gpu.Runner.Explore.ExplorationOptions;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>What an experiment gave: its numbers, and how they are shown.</summary>
/// <param name="Result">The numbers.</param>
/// <param name="Page">The page.</param>
sealed record Finding(object Result, Page Page);

/// <summary>One of the lectures' small experiments.</summary>
/// <param name="Name">The name by which it is chosen.</param>
/// <param name="Summary">What it shows, in a line.</param>
/// <param name="Options">Which of <see cref="ExplorationOptions"/> it takes.</param>
/// <param name="Run">Makes the experiment with what was asked of it.</param>
sealed record Exploration(
    string Name, string Summary, IReadOnlyList<Option> Options, Func<ExperimentContext, ExplorationSettings, Finding> Run)
{
    const int ShortSteps = 1000;

    /// <summary>Every experiment, in the order of the lectures.</summary>
    public static IReadOnlyList<Exploration> All { get; } =
    [
        Create(
            "uniform-loss", "the loss of each recipe at its start, beside that of a mere guess", [Steps],
            (context, asked) => UniformLoss.Run(context, asked.Steps ?? ShortSteps), UniformLossPage.Of),
        Create(
            "logit-scale", "what large logits do to the loss of a wrong guess", [Logits, Uniform, Target, Scales],
            (context, asked) => LogitScale.Run(context, asked.Logits, asked.Uniform, asked.Target, asked.Scales), LogitScalePage.Of),
        Create(
            "activations", "the curve of each activation, and of its derivative, which is what a gradient is multiplied by", [],
            (context, _) => ActivationCurves.Run(context), ActivationsPage.Of),
        Create(
            "saturation", "hidden units whose tanh lets no gradient pass", [RecipeName, Bins],
            (context, asked) => SaturatedStart.Run(context, asked.Recipe), SaturationPage.Of) with { Suits = HasTanh },
        Create(
            "hidden-scale", "how the scale of the hidden weights saturates tanh", [Scales, Bins],
            (context, asked) => HiddenScale.Run(context, asked.Scales), HiddenScalePage.Of),
        Create(
            "fan-in", "why weights are divided by the root of a layer's inputs", [Inputs, Scales, Bins],
            (context, asked) => FanIn.Run(context, asked.FanIn ?? FanIn.LectureInputs, asked.Scales), FanInPage.Of),
        Create(
            "gain", "how a signal comes through six layers at several gains: with tanh, without, with BatchNorm", [Scales, Steps, Bins],
            (context, asked) => Gain.Run(context, asked.Steps ?? ShortSteps, asked.Scales), GainPage.Of),
        Create(
            "bias-before-batchnorm", "the bias that learns nothing", [],
            (context, _) => BiasBeforeBatchNorm.Run(context), BiasBeforeBatchNormPage.Of),
        Create(
            "calibration", "running statistics of BatchNorm beside those of the whole training split", [RecipeName, Steps],
            (context, asked) => RunningStatistics.Run(context, asked.Steps ?? 10_000, asked.Recipe), CalibrationPage.Of)
            with { Suits = HasBatchNorm },
        Create(
            "jitter", "what the other examples of its batch do to an example's logits under BatchNorm", [RecipeName, Steps],
            (context, asked) => BatchJitter.Run(context, asked.Steps ?? ShortSteps, asked.Recipe), JitterPage.Of),
        Create(
            "regularization", "the gap between train and dev, without BatchNorm and with it", [Steps],
            (context, asked) => Regularization.Run(context, asked.Steps ?? 20_000), RegularizationPage.Of),
        Create(
            "learning-rate", "the loss at learning rates from 0.001 to 1, and how large each update is beside what it updates at three",
            [RecipeName, Steps],
            (context, asked) => LearningRate.Run(context, asked.Steps ?? ShortSteps, asked.Recipe), LearningRatePage.Of),
        Create(
            "batch-size", "batches of 2 to 256 examples, for the same number of examples and for the same number of steps",
            [RecipeName, Steps], (context, asked) => BatchSize.Run(context, asked.Steps ?? ShortSteps, asked.Recipe), BatchSizePage.Of),
        Create(
            "unscaled-init", "what BatchNorm does not heal where weights are drawn without a scale", [RecipeName, Steps],
            (context, asked) => UnscaledInit.Run(context, asked.Steps ?? ShortSteps, asked.Recipe), UnscaledInitPage.Of)
            with { Suits = recipe => recipe.HiddenWeight.ByFanIn },
        Create(
            "normalization", "batch, layer and group normalization and none, at batches of 2 to 256 examples", [Steps],
            (context, asked) => Normalizations.Run(context, asked.Steps ?? ShortSteps), NormalizationsPage.Of),
        Create(
            "zeros", "what trains, and what does not, where all weights are zero", [Steps],
            (context, asked) => ZeroWeights.Run(context, asked.Steps ?? ShortSteps), ZeroWeightsPage.Of),
        Create(
            "gradient-of-loss", "the gradient of the logits: a pull down on each character, and up on the right one", [RecipeName],
            (context, asked) => GradientOfLoss.Run(context, asked.Recipe), GradientOfLossPage.Of),
        Create(
            "overfit-one-batch", "32 examples learned by heart, and what keeps the loss above 0", [RecipeName, Steps],
            (context, asked) => OverfitOneBatch.Run(context, asked.Steps ?? ShortSteps, asked.Recipe), OverfitOneBatchPage.Of),
    ];

    /// <summary>Which recipes it has something to show of.</summary>
    public Func<Recipe, bool> Suits { get; private init; } = _ => true;

    /// <summary>The experiment as the help lists it: its name, what it shows, and the options that it takes.</summary>
    public string Description =>
        $"{Name}: {Summary}{(Options.Count == 0 ? "" : $" [{string.Join(", ", Options.Select(option => option.Name))}]")}";

    /// <summary>The names of all experiments.</summary>
    public static IEnumerable<string> Names => All.Select(exploration => exploration.Name);

    /// <summary>The experiment of a name.</summary>
    /// <param name="name">The name; null where none was given.</param>
    /// <exception cref="InvalidRequestException">There is no such experiment.</exception>
    public static Exploration Named(string? name) =>
        All.FirstOrDefault(exploration => exploration.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
        ?? throw new InvalidRequestException(
            $"{(name is null ? "no experiment was given" : Unknown(name)):whole}: use "
            + $" {string.Join(", ", Names):whole}");

    static string Unknown(string name) => $"unknown experiment '{Explanation.Shorten(name)}'{Suggestion.For(name, Names)}";

    static bool HasTanh(Recipe recipe) => recipe.Activation == Activation.Tanh;

    static bool HasBatchNorm(Recipe recipe) => recipe.Normalization is not null;

    static Exploration Create<T>(
        string name, string summary, Option[] options, Func<ExperimentContext, ExplorationSettings, T> run, Func<T, Page> show)
        where T : notnull => new(name, summary, options, (context, asked) =>
        {
            T result = run(context, asked);
            return new Finding(result, show(result));
        });
}
