using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// The lecture's search for the scale of the hidden weights: how far tanh is saturated when they are drawn as randn times some factors,
/// and times the factor that the rule of Kaiming He et al. (2015) gives, (5/3) / √(fan-in). Each is done twice: with the hidden bias at
/// full size, as recipe small-logits draws it, and with a hundredth of it, as recipe scaled-hidden does.
/// </summary>
/// <param name="Rows">For each bias, the hidden layer for each factor; the rule's comes last.</param>
sealed record HiddenScale(IReadOnlyList<ScaledHidden> Rows)
{
    static readonly string[] Recipes = ["small-logits", "scaled-hidden"];

    /// <summary>The factors of the lecture.</summary>
    public static IReadOnlyList<double> Scales { get; } = [1, 0.5, 0.2, 0.1];

    /// <summary>Draws a network for each bias and factor, and looks into it.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="scales">The factors; null for <see cref="Scales"/>.</param>
    public static HiddenScale Run(ExperimentContext context, IReadOnlyList<double>? scales = null)
    {
        Draw[] draws = [.. (scales ?? Scales).Select(scale => new Draw(scale)), Recipe.Named("kaiming").HiddenWeight];
        return new HiddenScale([.. from name in Recipes from draw in draws select Measure(context, Recipe.Named(name), draw)]);
    }

    static ScaledHidden Measure(ExperimentContext context, Recipe recipe, Draw draw) => new(
        draw.ScaleFor(recipe.Context * recipe.Embedding), draw.ByFanIn, recipe.Name, recipe.HiddenBias!.Scale,
        HiddenUnits.Of(context, recipe with { HiddenWeight = draw }));
}

/// <summary>A hidden layer whose weights are randn times a factor.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="IsKaiming">Whether it is the one of the rule.</param>
/// <param name="Recipe">The recipe that all else is of.</param>
/// <param name="BiasScale">The factor of the bias.</param>
/// <param name="Hidden">The hidden layer.</param>
sealed record ScaledHidden(float Scale, bool IsKaiming, string Recipe, double BiasScale, HiddenUnits Hidden);
