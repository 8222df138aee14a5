using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>A network in training, with all results that were reported.</summary>
sealed class TrainingRun : IDisposable
{
    readonly Split examples;

    /// <summary>Draws the network of a recipe for a data set.</summary>
    public TrainingRun(
        KernelSet kernels, Strategy strategy, Recipe recipe, Dataset data, int steps, int? dropAt = null, int? watchEvery = null)
    {
        examples = data.Train;
        var configuration = Configuration.Resolve(recipe, examples.Count, steps, dropAt);
        SizeLimits.Check(configuration, data.Vocabulary.Count);
        Network = new Mlp(kernels, recipe, data.Vocabulary.Count);
        TorchGenerator generator = Network.Draw(configuration.Seeds);
        Watch = watchEvery is { } every ? new TrainingWatch(kernels, Network, examples, every) : null;
        Trainer = new Trainer(kernels, Network, configuration, generator, strategy) { Watch = Watch };
    }

    public Mlp Network { get; }

    public Trainer Trainer { get; }

    /// <summary>What looks at the network in training, where that was asked for.</summary>
    public TrainingWatch? Watch { get; }

    /// <summary>What the listener was given, one list for each call.</summary>
    public List<StepResult[]> Chunks { get; } = [];

    public IEnumerable<StepResult> Results => Chunks.SelectMany(chunk => chunk);

    public float[] Losses => [.. Results.Select(result => result.Loss)];

    /// <summary>Trains to the end, or until the listener cancels.</summary>
    public TrainingRun Train(CancellationTokenSource? cancellation = null, int? cancelAfter = null)
    {
        Trainer.Run(examples, results =>
        {
            Chunks.Add([.. results]);
            if (Trainer.StepsDone >= cancelAfter)
            {
                cancellation!.Cancel();
            }
        }, cancellation?.Token ?? default);
        return this;
    }

    public void Dispose()
    {
        Watch?.Dispose();
        Network.Dispose();
    }
}
