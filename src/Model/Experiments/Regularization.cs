using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How far the loss of names that a network was not trained on lies above that of those it was: the same network without batch
/// normalization and with it, recipes kaiming and batchnorm. The jitter of the batches makes overfitting harder.
/// </summary>
/// <param name="Runs">Trainings of different lengths, the shortest first, each of both recipes.</param>
sealed record Regularization(IReadOnlyList<GeneralizationGap> Runs)
{
    /// <summary>The recipes that are compared.</summary>
    public static IReadOnlyList<string> Recipes { get; } = ["kaiming", "batchnorm"];

    /// <summary>Trains both networks for a hundredth of the steps, a tenth, and all of them, each time anew.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of the longest training.</param>
    public static Regularization Run(ExperimentContext context, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new Regularization(
        [
            .. from length in new[] { steps / 100, steps / 10, steps }.Where(length => length > 0).Distinct()
               from name in Recipes
               select new GeneralizationGap(name, length, ShortRun.Run(context, Calibrated(name), length).Losses),
        ]);
    }

    static Recipe Calibrated(string name)
    {
        var recipe = Recipe.Named(name);
        return recipe with { Normalization = recipe.Normalization?.Calibrated() };
    }
}

/// <summary>How well a trained network does on names that it was not trained on.</summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Steps">The steps of its training.</param>
/// <param name="Losses">The losses after the last one; null where training diverged.</param>
sealed record GeneralizationGap(string Recipe, int Steps, ShortRunLosses? Losses)
{
    /// <summary>The loss of the dev split above that of the training split; not a number where training diverged.</summary>
    public double Gap => Losses is { } losses ? losses.Dev - losses.Train : double.NaN;
}
