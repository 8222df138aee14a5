using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>How a learning rate shows in the updates: a recipe, trained for a short while at several rates.</summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Rates">The trainings, the largest rate first.</param>
public sealed record LearningRate(string Recipe, int Steps, IReadOnlyList<RateHistory> Rates)
{
    /// <summary>Trains the network at each rate.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    /// <param name="recipe">The recipe; null for deep-tanh.</param>
    public static LearningRate Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        recipe ??= Recipes.Recipe.Named("deep-tanh");
        double[] rates = [1, 0.1, 0.001];
        return new LearningRate(
            recipe.Name, steps,
            [.. rates.Select(rate => new RateHistory(rate, UpdateHistory.Of(context, recipe with { LearningRate = rate }, steps)))]);
    }
}

/// <summary>A training at a learning rate.</summary>
/// <param name="Rate">The learning rate.</param>
/// <param name="Updates">Its updates.</param>
public sealed record RateHistory(double Rate, UpdateHistory Updates);
