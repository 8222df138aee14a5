using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>A short run of a recipe, from the first numbers drawn to the losses of two splits, to compare recipes by.</summary>
/// <param name="Strategy">How its steps were run.</param>
/// <param name="Parameters">How many parameters were trained.</param>
/// <param name="FirstLoss">The loss of the first batch, before any step.</param>
/// <param name="Losses">The mean losses after the last step over the training and the dev split; null where training diverged.</param>
/// <param name="DivergedAt">The step at which the loss was no longer a number; null where it stayed one.</param>
sealed record ShortRun(string Strategy, int Parameters, float FirstLoss, ShortRunLosses? Losses, int? DivergedAt)
{
    /// <summary>Runs it.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="steps">The steps.</param>
    public static ShortRun Run(ExperimentContext context, Recipe recipe, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(recipe);
        Strategy strategy = context.StrategyFor(recipe);
        using ExperimentRun run = context.Draw(recipe);
        TrainingRecord training = run.Train(steps);
        var result = new ShortRun(strategy.Name, run.Network.ParameterCount, training.FirstLoss, Losses: null, training.DivergedAt);
        if (training.DivergedAt is not null)
        {
            return result;
        }
        if (recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(context.Kernels, run.Network, strategy, context.Data.Train, cancellation: context.Cancellation);
        }
        using var evaluator = new Evaluator(context.Kernels, run.Network, strategy);
        return result with
        {
            Losses = new ShortRunLosses(
                evaluator.Loss(context.Data.Train, context.Cancellation), evaluator.Loss(context.Data.Dev, context.Cancellation)),
        };
    }
}

/// <summary>The mean losses after a short run.</summary>
/// <param name="Train">Over the training split.</param>
/// <param name="Dev">Over the dev split.</param>
sealed record ShortRunLosses(double Train, double Dev);
