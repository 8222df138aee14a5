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
public sealed record ShortRun(string Strategy, int Parameters, float FirstLoss, ShortRunLosses? Losses, int? DivergedAt)
{
    /// <summary>Runs it.</summary>
    /// <param name="laboratory">Where.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="steps">The steps.</param>
    public static ShortRun Run(ExperimentContext laboratory, Recipe recipe, int steps)
    {
        ArgumentNullException.ThrowIfNull(laboratory);
        ArgumentNullException.ThrowIfNull(recipe);
        Strategy strategy = laboratory.StrategyFor(recipe);
        using ExperimentRun trial = laboratory.Draw(recipe);
        TrainingRecord training = trial.Train(steps);
        var run = new ShortRun(strategy.Name, trial.Network.ParameterCount, training.FirstLoss, Losses: null, training.DivergedAt);
        if (training.DivergedAt is not null)
        {
            return run;
        }
        if (recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(laboratory.Kernels, trial.Network, strategy, laboratory.Data.Train, laboratory.Cancellation);
        }
        using var evaluator = new Evaluator(laboratory.Kernels, trial.Network, strategy);
        return run with
        {
            Losses = new ShortRunLosses(
                evaluator.Loss(laboratory.Data.Train, laboratory.Cancellation), evaluator.Loss(laboratory.Data.Dev, laboratory.Cancellation)),
        };
    }
}

/// <summary>The mean losses after a short run.</summary>
/// <param name="Train">Over the training split.</param>
/// <param name="Dev">Over the dev split.</param>
public sealed record ShortRunLosses(double Train, double Dev);
