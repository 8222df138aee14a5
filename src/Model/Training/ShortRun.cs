using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Training;

/// <summary>A short run from the first numbers drawn to the losses of two splits, to compare settings by.</summary>
/// <param name="Parameters">How many parameters were trained.</param>
/// <param name="FirstLoss">The loss of the first batch, before any step.</param>
/// <param name="Losses">The mean losses after the last step over the training and the dev split; null where training diverged.</param>
/// <param name="DivergedAt">The step at which the loss was no longer a number; null where it stayed one.</param>
public sealed record ShortRun(int Parameters, float FirstLoss, ShortRunLosses? Losses, int? DivergedAt)
{
    /// <summary>Runs it.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="configuration">The settings, with at least one step.</param>
    /// <param name="data">The names.</param>
    /// <param name="strategy">How a step is run.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    /// <exception cref="OperationCanceledException">It was given up.</exception>
    public static ShortRun Run(KernelSet kernels, Configuration configuration, Dataset data, Strategy strategy, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(configuration.Steps, 1);
        using var network = new Mlp(kernels, configuration.Recipe, data.Vocabulary.Count);
        var generator = new TorchGenerator(configuration.Seed);
        network.Draw(generator);
        float? firstLoss = null;
        try
        {
            new Trainer(kernels, network, configuration, generator, strategy).Run(data.Train, results => firstLoss ??= results[0].Loss, cancellation);
        }
        catch (DivergedException fault)
        {
            return new ShortRun(network.ParameterCount, firstLoss!.Value, Losses: null, fault.Step);
        }
        cancellation.ThrowIfCancellationRequested();
        if (configuration.Recipe.Normalisation is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(kernels, network, data.Train);
        }
        using var evaluator = new Evaluator(kernels, network, strategy);
        var losses = new ShortRunLosses(evaluator.Loss(data.Train, cancellation), evaluator.Loss(data.Dev, cancellation));
        return new ShortRun(network.ParameterCount, firstLoss!.Value, losses, DivergedAt: null);
    }
}

/// <summary>The mean losses after a short run.</summary>
/// <param name="Train">Over the training split.</param>
/// <param name="Dev">Over the dev split.</param>
public sealed record ShortRunLosses(double Train, double Dev);
