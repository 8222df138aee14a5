using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What hidden units look like when their weights are drawn too large: a recipe before its first step. Where |tanh| is near 1 its
/// derivative 1 - t² is near 0, and a unit that is there for every example learns nothing.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Hidden">Its first hidden layer.</param>
sealed record SaturatedStart(string Recipe, HiddenUnits Hidden)
{
    /// <summary>Draws the network and looks into it.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="recipe">The recipe, with tanh; null for small-logits.</param>
    public static SaturatedStart Run(ExperimentContext context, Recipe? recipe = null)
    {
        recipe ??= Recipes.Recipe.Named("small-logits");
        return new SaturatedStart(recipe.Name, HiddenUnits.Of(context, recipe));
    }
}
