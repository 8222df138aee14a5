using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How well the running statistics of recipe batchnorm agree with those of the whole training split, and what the difference costs. They
/// change slowly, a thousandth of the way each step: after few steps they still show their start at mean 0 and standard deviation 1.
/// </summary>
/// <param name="Runs">Trainings of different lengths, the shortest first.</param>
public sealed record RunningStatistics(IReadOnlyList<StatisticsRun> Runs)
{
    /// <summary>Trains the network for a tenth of the steps, and anew for all of them.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of the longer training.</param>
    public static RunningStatistics Run(ExperimentContext context, int steps) =>
        new([.. new[] { steps / 10, steps }.Where(length => length > 0).Distinct().Select(length => Measure(context, length))]);

    static StatisticsRun Measure(ExperimentContext context, int steps)
    {
        Recipe recipe = Recipe.Named("batchnorm");
        using ExperimentRun run = context.Draw(recipe);
        run.Train(steps);
        Strategy strategy = context.StrategyFor(recipe);
        using var running = new Evaluator(context.Kernels, run.Network, strategy);
        IReadOnlyDictionary<string, double> runningLosses = running.Losses(context.Data, context.Cancellation);
        StatisticsComparison comparison = Calibration.Compare(
            context.Kernels, run.Network, strategy, context.Data.Train, context.Cancellation)[0];
        Calibration.Calibrate(context.Kernels, run.Network, strategy, context.Data.Train, context.Cancellation);
        using var calibrated = new Evaluator(context.Kernels, run.Network, strategy);
        return new StatisticsRun(steps, comparison, runningLosses, calibrated.Losses(context.Data, context.Cancellation));
    }
}

/// <summary>The two kinds of statistics after a training.</summary>
/// <param name="Steps">Its steps.</param>
/// <param name="Statistics">The mean and the standard deviation of each feature, running and calibrated.</param>
/// <param name="RunningLosses">The losses of the splits by the running statistics.</param>
/// <param name="CalibratedLosses">The losses of the splits by the calibrated statistics.</param>
public sealed record StatisticsRun(
    int Steps, StatisticsComparison Statistics,
    IReadOnlyDictionary<string, double> RunningLosses, IReadOnlyDictionary<string, double> CalibratedLosses);
