using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How well the running statistics of a recipe agree with those of the whole training split, and what the difference costs. In the
/// lecture's network they change slowly, a thousandth of the way each step: after few steps they still show their start at mean 0 and
/// standard deviation 1.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Normalization">Its normalization.</param>
/// <param name="Runs">Trainings of different lengths, the shortest first.</param>
sealed record RunningStatistics(string Recipe, Normalization Normalization, IReadOnlyList<StatisticsRun> Runs)
{
    /// <summary>Trains the network for a tenth of the steps, and anew for all of them.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of the longer training.</param>
    /// <param name="recipe">The recipe, with batch normalization; null for batchnorm.</param>
    public static RunningStatistics Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        recipe ??= Recipes.Recipe.Named("batchnorm");
        return new RunningStatistics(
            recipe.Name,
            recipe.Normalization ?? throw new ArgumentException("the recipe has no batch normalization", nameof(recipe)),
            [.. new[] { steps / 10, steps }.Where(length => length > 0).Distinct().Select(length => Measure(context, recipe, length))]);
    }

    static StatisticsRun Measure(ExperimentContext context, Recipe recipe, int steps)
    {
        using ExperimentRun run = context.Draw(recipe);
        run.Train(steps);
        Strategy strategy = context.StrategyFor(recipe);
        IReadOnlyDictionary<string, double> runningLosses = Losses();
        IReadOnlyList<StatisticsComparison> comparisons = Calibration.Calibrate(
            context.Kernels, run.Network, strategy, context.Data.Train, cancellation: context.Cancellation);
        IReadOnlyDictionary<string, double> calibratedLosses = Losses();
        IReadOnlyDictionary<string, double> ownLosses = Calibration.LossesByOwnStatistics(
            context.Kernels, run.Network, strategy, context.Data, context.Cancellation);
        return new StatisticsRun(steps, comparisons, runningLosses, calibratedLosses, ownLosses);

        IReadOnlyDictionary<string, double> Losses()
        {
            using var evaluator = new Evaluator(context.Kernels, run.Network, strategy);
            return evaluator.Losses(context.Data, context.Cancellation);
        }
    }
}

/// <summary>The kinds of statistics after a training.</summary>
/// <param name="Steps">Its steps.</param>
/// <param name="Statistics">For each normalization, the statistics of each feature, running and of the training split.</param>
/// <param name="RunningLosses">The losses of the splits by the running statistics.</param>
/// <param name="CalibratedLosses">The losses of the splits by those of the training split.</param>
/// <param name="OwnLosses">The loss of each split by its own statistics.</param>
sealed record StatisticsRun(
    int Steps, IReadOnlyList<StatisticsComparison> Statistics, IReadOnlyDictionary<string, double> RunningLosses,
    IReadOnlyDictionary<string, double> CalibratedLosses, IReadOnlyDictionary<string, double> OwnLosses);
