using Makemore.Gpu.Kernels.Operations;
using Makemore.Gpu.Model;

namespace Makemore.Gpu.Torch;

/// <summary>
/// The recipe deep-batchnorm, which a <see cref="Recipe"/> cannot describe by itself: its logits have no bias and are normalised, too.
/// </summary>
static class DeepBatchNorm
{
    static readonly Normalisation Hidden = new(
        Draw.Constant(1), Draw.Constant(0), Epsilon: 1e-5, Momentum: 0.1, RunningSpread.Variance, EvaluationStatistics.Running);

    /// <summary>The recipe; its output bias is not used.</summary>
    public static Recipe Recipe { get; } = new()
    {
        Name = "deep-batchnorm",
        Summary = "six linear layers, each with BatchNorm",
        Hidden = [100, 100, 100, 100, 100],
        DropAfter = 0.75,
        HiddenWeight = new Draw(1, ByFanIn: true),
        OutputWeight = new Draw(1, ByFanIn: true),
        OutputBias = Draw.Constant(0),
        Normalisation = Hidden,
    };

    /// <summary>The recipe of a name, of all that there are.</summary>
    /// <param name="name">The name.</param>
    public static Recipe Named(string name) => name == Recipe.Name ? Recipe : Recipe.Named(name);

    /// <summary>How the bias of the logits is drawn; null where there is none.</summary>
    /// <param name="recipe">The recipe.</param>
    public static Draw? OutputBias(Recipe recipe) => recipe.Name == Recipe.Name ? null : recipe.OutputBias;

    /// <summary>The normalisation of the logits; null where there is none.</summary>
    /// <param name="recipe">The recipe.</param>
    public static Normalisation? OutputNormalisation(Recipe recipe) =>
        recipe.Name == Recipe.Name ? Hidden with { Gain = Draw.Constant(0.1) } : null;
}
