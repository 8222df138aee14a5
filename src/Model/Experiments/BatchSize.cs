using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What the size of a batch does to training: a network trained at several sizes, looked at once when each has seen the same number of
/// examples, in more steps the smaller its batches are, and once when each has taken the same number of steps.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="LearningRate">The learning rate, which is the same for all.</param>
/// <param name="Steps">The steps after which all are compared.</param>
/// <param name="Examples">The examples after which all are compared: those that the recipe's own batch sees in these steps.</param>
/// <param name="Runs">The trainings, the smallest batch first.</param>
sealed record BatchSize(string Recipe, double LearningRate, int Steps, long Examples, IReadOnlyList<BatchRun> Runs)
{
    /// <summary>The batch sizes; BatchNorm takes no smaller one.</summary>
    public static IReadOnlyList<int> Batches { get; } = [2, 4, 8, 16, 32, 64, 128, 256];

    /// <summary>Trains the network at each batch size.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps after which all are compared.</param>
    /// <param name="recipe">The recipe; null for kaiming.</param>
    public static BatchSize Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        recipe ??= Recipes.Recipe.Named("kaiming");
        Recipe[] networks = [.. Batches.Select(batch => recipe with { Batch = batch, Normalization = recipe.Normalization?.Calibrated() })];
        foreach (Recipe network in networks)
        {
            // A strategy that a network cannot have is refused before the first one trains.
            context.StrategyFor(network);
        }
        long examples = (long)steps * recipe.Batch;
        return new BatchSize(
            recipe.Name, recipe.LearningRate, steps, examples, [.. networks.Select(network => Measure(context, network, steps, examples))]);
    }

    // One training passes both numbers of steps, since its rate does not drop.
    static BatchRun Measure(ExperimentContext context, Recipe recipe, int steps, long examples)
    {
        using ExperimentRun run = context.Draw(recipe);
        int sameExamples = (int)Math.Clamp(examples / recipe.Batch, 1, int.MaxValue);
        var losses = new List<float>();
        var dev = new Dictionary<int, double>();
        int? divergedAt = null;
        foreach (int end in new[] { steps, sameExamples }.Distinct().Order())
        {
            TrainingRecord record = run.Train(end - losses.Count);
            divergedAt = losses.Count + record.DivergedAt;
            losses.AddRange(record.Losses);
            if (divergedAt is not null)
            {
                break;
            }
            dev[end] = DevLoss(context, run);
        }
        return new BatchRun(recipe.Batch, sameExamples, losses, Reached(sameExamples), Reached(steps), divergedAt);

        double? Reached(int end) => dev.TryGetValue(end, out double loss) ? loss : null;
    }

    static double DevLoss(ExperimentContext context, ExperimentRun run)
    {
        Recipe recipe = run.Network.Recipe;
        if (recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(
                context.Kernels, run.Network, context.StrategyFor(recipe), context.Data.Train, cancellation: context.Cancellation);
        }
        using var evaluator = new Evaluator(context.Kernels, run.Network, context.StrategyFor(recipe));
        return evaluator.Loss(context.Data.Dev, context.Cancellation);
    }
}

/// <summary>A training at a batch size.</summary>
/// <param name="Batch">N, the examples of a step.</param>
/// <param name="StepsOfExamples">The steps in which it sees as many examples as the others.</param>
/// <param name="Losses">The loss of each step's batch.</param>
/// <param name="AfterExamples">The dev loss when it has seen as many examples as the others; null where it diverged before.</param>
/// <param name="AfterSteps">The dev loss when it has taken as many steps as the others; null where it diverged before.</param>
/// <param name="DivergedAt">The step at which the loss was no longer a number; null where it stayed one.</param>
sealed record BatchRun(
    int Batch, int StepsOfExamples, IReadOnlyList<float> Losses, double? AfterExamples, double? AfterSteps, int? DivergedAt);
