using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>The first hidden layer of a network as it was drawn, for one batch.</summary>
/// <param name="PreActivation">What tanh is given.</param>
/// <param name="Activation">What tanh gives.</param>
/// <param name="Saturation">How much of it is saturated.</param>
sealed record HiddenUnits(Distribution PreActivation, Distribution Activation, Saturation Saturation)
{
    /// <summary>Draws a network, and looks into it on its first batch.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="recipe">The recipe, with tanh.</param>
    /// <exception cref="ArgumentException">The recipe has no tanh.</exception>
    public static HiddenUnits Of(ExperimentContext context, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(context);
        using ExperimentRun run = context.Draw(recipe);
        LayerInspection tanh = run.Inspect().Layers[0];
        Saturation saturation = tanh.Saturation ?? throw new ArgumentException("the recipe has no tanh", nameof(recipe));
        return new HiddenUnits(tanh.Input!, tanh.Output, saturation);
    }
}
