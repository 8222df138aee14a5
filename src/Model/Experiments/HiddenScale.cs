using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// The lecture's search for the scale of the hidden weights: how far tanh is saturated when they are drawn as randn times some factors,
/// and times the factor that the rule of Kaiming He et al. (2015) gives, (5/3) / √(fan-in).
/// </summary>
/// <param name="Rows">The hidden layer for each factor, from the largest to the least.</param>
public sealed record HiddenScale(IReadOnlyList<ScaledHidden> Rows)
{
    static readonly Draw[] Draws = [new(1), new(0.5), new(5.0 / 3, ByFanIn: true), new(0.2), new(0.1)];

    /// <summary>Draws a network for each factor and looks into it.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    public static HiddenScale Run(ExperimentContext context)
    {
        Recipe recipe = Recipe.Named("scaled-hidden");
        int fanIn = recipe.Context * recipe.Embedding;
        return new HiddenScale(
        [
            .. Draws.Select(draw => new ScaledHidden(
                draw.ScaleFor(fanIn), draw.ByFanIn, HiddenUnits.Of(context, recipe with { HiddenWeight = draw }))),
        ]);
    }
}

/// <summary>A hidden layer whose weights are randn times a factor.</summary>
/// <param name="Scale">The factor.</param>
/// <param name="IsKaiming">Whether it is the one of the rule.</param>
/// <param name="Hidden">The hidden layer.</param>
public sealed record ScaledHidden(float Scale, bool IsKaiming, HiddenUnits Hidden);
