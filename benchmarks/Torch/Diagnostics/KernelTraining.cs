using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Torch.Diagnostics;

/// <summary>A network trained and diagnosed by Makemore.Gpu's own parts, as its program does.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="configuration">The settings.</param>
/// <param name="data">The names.</param>
/// <param name="strategy">How a step is run.</param>
sealed class KernelTraining(KernelSet kernels, Configuration configuration, Dataset data, Strategy strategy) : IDisposable
{
    /// <summary>The network.</summary>
    public Mlp Network { get; } = new(kernels, configuration.Recipe, data.Vocabulary.Count);

    /// <summary>Trains, looks at the batch of the next step, and evaluates.</summary>
    public Diagnosis Run()
    {
        TorchGenerator generator = Network.Draw(configuration.Seeds);
        var losses = new List<float>(configuration.Steps);
        new Trainer(kernels, Network, configuration, generator, strategy)
            .Run(data.Train, results => losses.AddRange(results.Select(result => result.Loss)));

        var indices = new int[configuration.Recipe.Batch];
        generator.RandInt(0, data.Train.Count, indices);
        using var inspector = new Inspector(kernels, Network, data.Train, TorchInspector.Bins);
        Inspection inspection = inspector.Inspect(indices, configuration.Steps);
        float learningRate = configuration.LearningRate(configuration.Steps);
        double[] updates = [.. inspector.Matrices.Select(matrix => Math.Log10(inspector.UpdateToData(matrix, learningRate)))];

        if (configuration.Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(kernels, Network, strategy, data.Train);
        }
        using var evaluator = new Evaluator(kernels, Network, strategy);
        return new Diagnosis(losses, inspection, updates, evaluator.Losses(data));
    }

    /// <summary>New names.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">The generator's seed.</param>
    public IReadOnlyList<string> Sample(int count, ulong seed) =>
        [.. new Sampler(kernels, Network, data.Vocabulary, strategy).Sample(count, seed)];

    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}
