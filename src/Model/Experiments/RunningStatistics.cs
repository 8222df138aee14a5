using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How well the statistics that recipe batchnorm follows while it trains agree with those of the whole training split, and what the
/// difference costs. They follow slowly, a thousandth of the way each step: after few steps they still remember their start at mean 0 and
/// standard deviation 1.
/// </summary>
/// <param name="Runs">Trainings of different lengths, the shortest first.</param>
public sealed record RunningStatistics(IReadOnlyList<StatisticsRun> Runs)
{
    /// <summary>Trains the network for a tenth of the steps, and anew for all of them.</summary>
    /// <param name="laboratory">Where.</param>
    /// <param name="steps">The steps of the longer training.</param>
    public static RunningStatistics Run(ExperimentContext laboratory, int steps) =>
        new([.. new[] { steps / 10, steps }.Where(length => length > 0).Distinct().Select(length => Measure(laboratory, length))]);

    static StatisticsRun Measure(ExperimentContext laboratory, int steps)
    {
        Recipe recipe = Recipe.Named("batchnorm");
        using ExperimentRun trial = laboratory.Draw(recipe);
        trial.Train(steps);
        Strategy strategy = laboratory.StrategyFor(recipe);
        using var running = new Evaluator(laboratory.Kernels, trial.Network, strategy);
        IReadOnlyDictionary<string, double> runningLosses = running.Losses(laboratory.Data, laboratory.Cancellation);
        StatisticsComparison comparison = Calibration.Compare(
            laboratory.Kernels, trial.Network, strategy, laboratory.Data.Train, laboratory.Cancellation)[0];
        Calibration.Calibrate(laboratory.Kernels, trial.Network, strategy, laboratory.Data.Train, laboratory.Cancellation);
        using var calibrated = new Evaluator(laboratory.Kernels, trial.Network, strategy);
        return new StatisticsRun(steps, comparison, runningLosses, calibrated.Losses(laboratory.Data, laboratory.Cancellation));
    }
}

/// <summary>The two kinds of statistics after a training.</summary>
/// <param name="Steps">Its steps.</param>
/// <param name="Statistics">The mean and the standard deviation of each feature, as followed and as calibrated.</param>
/// <param name="RunningLosses">The losses of the splits by the running statistics.</param>
/// <param name="CalibratedLosses">The losses of the splits by the calibrated statistics.</param>
public sealed record StatisticsRun(
    int Steps, StatisticsComparison Statistics, IReadOnlyDictionary<string, double> RunningLosses, IReadOnlyDictionary<string, double> CalibratedLosses);
