using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>The lectures' networks, in the order in which they teach: each says only what it changes in another one.</summary>
static class LectureRecipes
{
    static readonly Recipe Naive = new()
    {
        Name = "naive",
        Summary = "all numbers drawn at full size: the network starts out sure of the wrong characters, "
            + "far above the loss of a mere guess, ln V",
        HiddenWeight = new Draw(1),
        HiddenBias = new Draw(1),
        OutputWeight = new Draw(1),
        OutputBias = new Draw(1),
    };

    static readonly Recipe SmallLogits = Naive with
    {
        Name = "small-logits",
        Summary = "small weights to the logits: the loss starts at ln V, but most of the hidden units are saturated and hardly learn",
        OutputWeight = new Draw(0.01),
        OutputBias = new Draw(0),
    };

    static readonly Recipe ScaledHidden = SmallLogits with
    {
        Name = "scaled-hidden",
        Summary = "small hidden weights too, by a factor found by trial: tanh is no longer saturated and lets the gradients pass",
        HiddenWeight = new Draw(0.2),
        HiddenBias = new Draw(0.01),
    };

    static readonly Recipe Kaiming = ScaledHidden with
    {
        Name = "kaiming",
        Summary = "a rule in place of the trial: tanh's gain 5/3, divided by the root of the layer's inputs",
        HiddenWeight = new Draw(Recipe.GainOf(Activation.Tanh), ByFanIn: true),
    };

    static readonly Recipe BatchNorm = Kaiming with
    {
        Name = "batchnorm",
        Summary = "every hidden unit normalized over the batch, so that the scale of the weights hardly matters: "
            + "running statistics, no bias before them",
        HiddenBias = null,
        Normalization = new Normalization(
            Draw.Constant(1), Draw.Constant(0), Epsilon: 0, Momentum: 0.001,
            RunningStatistic.StandardDeviation, EvaluationStatistics.Running),
    };

    static readonly Recipe Backprop = BatchNorm with
    {
        Name = "backprop",
        Summary = "the network whose backward pass is derived by hand: no bias starts at 0, so that no wrong gradient hides; "
            + "calibrated statistics",
        HiddenBias = new Draw(0.1),
        OutputWeight = new Draw(0.1),
        OutputBias = new Draw(0.1),
        Normalization = new Normalization(
            new Draw(0.1, Offset: 1), new Draw(0.1), Epsilon: 1e-5, Momentum: 0.001,
            RunningStatistic.Variance, EvaluationStatistics.Calibrated),
    };

    static readonly Recipe DeepLinear = new()
    {
        Name = "deep-linear",
        Summary = "six linear layers and no tanh: gain 1 keeps the signal's size at any depth, "
            + "but together they are no more than one layer",
        Hidden = [100, 100, 100, 100, 100],
        Activation = Activation.None,
        DropAfter = 0.75,
        HiddenWeight = new Draw(1, ByFanIn: true),
        HiddenBias = Draw.Constant(0),
        OutputWeight = new Draw(0.1, ByFanIn: true),
        OutputBias = Draw.Constant(0),
    };

    static readonly Recipe DeepTanh = DeepLinear with
    {
        Name = "deep-tanh",
        Summary = "six layers with tanh, each of which shrinks the signal: the gain 5/3 makes up for it; "
            + "with 1 the signal fades away, with 3 it saturates",
        Activation = Activation.Tanh,
        HiddenWeight = new Draw(Recipe.GainOf(Activation.Tanh), ByFanIn: true),
    };

    static readonly Recipe DeepBatchNorm = DeepTanh with
    {
        Name = "deep-batchnorm",
        Summary = "six layers, each normalized, the logits too: a deep network that trains from any reasonable start",
        HiddenWeight = new Draw(1, ByFanIn: true),
        HiddenBias = null,
        OutputWeight = new Draw(1, ByFanIn: true),
        OutputBias = null,
        Normalization = Normalization.Default,
        OutputGain = Draw.Constant(0.1),
    };

    /// <summary>The recipe where nobody chose one.</summary>
    public static Recipe Default => BatchNorm;

    /// <summary>Every recipe.</summary>
    public static IReadOnlyList<Recipe> All { get; } =
        [Naive, SmallLogits, ScaledHidden, Kaiming, BatchNorm, Backprop, DeepLinear, DeepTanh, DeepBatchNorm];
}
