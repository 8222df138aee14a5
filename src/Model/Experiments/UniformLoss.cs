using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// Where the loss starts. A network that knows nothing should guess: with V characters each has the probability 1/V, and the loss is
/// -ln(1/V). A start far above that is a network that is sure of wrong characters, and first has to unlearn that.
/// </summary>
/// <param name="Characters">V.</param>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Runs">A short training of each recipe.</param>
sealed record UniformLoss(int Characters, int Steps, IReadOnlyList<RecipeRun> Runs)
{
    /// <summary>The loss of a guess, ln V.</summary>
    public double Uniform => Math.Log(Characters);

    /// <summary>Trains each recipe for a short while.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    public static UniformLoss Run(ExperimentContext context, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new UniformLoss(
            context.Data.Vocabulary.Count, steps,
            [.. Recipe.All.Select(recipe => new RecipeRun(recipe.Name, context.Train(recipe, steps)))]);
    }
}

/// <summary>A training of a recipe.</summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Training">How it went.</param>
sealed record RecipeRun(string Recipe, TrainingRecord Training);
