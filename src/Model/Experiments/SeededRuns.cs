using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>Short runs of a recipe from several seeds, by which chance is told from what the recipe does.</summary>
/// <param name="Strategy">How their steps were run.</param>
/// <param name="Parameters">How many parameters each has.</param>
/// <param name="Runs">The runs, in the order of their seeds.</param>
sealed record SeededRuns(string Strategy, int Parameters, IReadOnlyList<SeededRun> Runs)
{
    /// <summary>The mean loss of the first batches, before any step.</summary>
    public double FirstLoss => Runs.Average(run => run.FirstLoss);

    /// <summary>How many diverged.</summary>
    public int Diverged => Runs.Count(run => run.Losses is null);

    /// <summary>Runs recipes, each from the seed of the context and those that follow it.</summary>
    /// <param name="context">The accelerator, the data and the first seed.</param>
    /// <param name="recipes">The recipes.</param>
    /// <param name="steps">The steps of each run.</param>
    /// <param name="seeds">How many seeds there are.</param>
    public static IReadOnlyList<SeededRuns> Run(ExperimentContext context, IReadOnlyList<Recipe> recipes, int steps, int seeds)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(recipes);
        ulong[] all = [.. Enumerable.Range(0, seeds).Select(i => unchecked(context.Seed + (ulong)i))];
        IReadOnlyList<TrainedTogether> trained = TrainedTogether.Run(
            context, [.. recipes.SelectMany(recipe => all.Select(seed => (recipe, seed)))], steps);
        return
        [
            .. recipes.Zip(trained.Chunk(seeds), (recipe, runs) => new SeededRuns(
                context.StrategyFor(recipe).Name, runs[0].Parameters,
                [.. all.Zip(runs, (seed, run) => new SeededRun(seed, run.Training.FirstLoss, run.Losses, run.Training.DivergedAt))])),
        ];
    }
}

/// <summary>A short run from a seed.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="FirstLoss">The loss of the first batch, before any step.</param>
/// <param name="Losses">The mean losses after the last step over the training and the dev split; null where training diverged.</param>
/// <param name="DivergedAt">The step at which the loss was no longer a number; null where it stayed one.</param>
sealed record SeededRun(ulong Seed, float FirstLoss, ShortRunLosses? Losses, int? DivergedAt);
