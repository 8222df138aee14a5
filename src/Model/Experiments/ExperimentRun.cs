using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>A network of an experiment, and the generator that drew it and goes on to draw its batches.</summary>
sealed class ExperimentRun : IDisposable
{
    readonly ExperimentContext context;
    readonly TorchGenerator generator;
    Inspector? inspector;

    internal ExperimentRun(ExperimentContext context, Recipe recipe)
    {
        this.context = context;
        Network = new Mlp(context.Kernels, recipe, context.Data.Vocabulary.Count);
        generator = Network.Draw(Seeds.Of(context.Seed));
    }

    /// <summary>The network.</summary>
    public Mlp Network { get; }

    /// <summary>What looks into it; holds the activations and gradients of the last batch that it was shown.</summary>
    public Inspector Inspector => inspector ??= new Inspector(context.Kernels, Network, context.Data.Train, context.Bins);

    /// <summary>Draws the examples of the next batch [N].</summary>
    public int[] NextBatch()
    {
        var indices = new int[Network.Recipe.Batch];
        generator.RandInt(0, context.Data.Train.Count, indices);
        return indices;
    }

    /// <summary>Looks into the network on the next batch.</summary>
    public Inspection Inspect() => Inspector.Inspect(NextBatch(), step: 0);

    /// <summary>Trains the network at the recipe's learning rate, which does not drop.</summary>
    /// <param name="steps">The steps, at least 1.</param>
    /// <param name="watch">What looks at it meanwhile; null for nothing.</param>
    /// <exception cref="OperationCanceledException">The experiment was stopped.</exception>
    public TrainingRecord Train(int steps, TrainingWatch? watch = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var configuration = new Configuration(Network.Recipe, steps, DropAt: steps, context.Seed);
        SizeLimits.Check(configuration, Network.Vocabulary);
        Strategy strategy = context.StrategyFor(Network.Recipe);
        var trainer = new Trainer(context.Kernels, Network, configuration, generator, strategy) { Watch = watch };
        var losses = new List<float>(steps);
        int? divergedAt = null;
        try
        {
            trainer.Run(
                context.Data.Train,
                results =>
                {
                    losses.AddRange(results.Select(result => result.Loss));
                    context.Progress?.Report(new RunProgress(Network.Recipe.Name, losses.Count, steps));
                },
                context.Cancellation);
        }
        catch (DivergedException diverged)
        {
            divergedAt = diverged.Step;
        }
        catch (FlatBatchException flat)
        {
            // The step would have had no other loss.
            divergedAt = flat.Step;
            losses.Add(float.NaN);
        }
        context.Cancellation.ThrowIfCancellationRequested();
        return new TrainingRecord(losses, divergedAt);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        inspector?.Dispose();
        Network.Dispose();
    }
}

/// <summary>How a training went.</summary>
/// <param name="Losses">The loss of each step's batch, before its update; where it diverged, up to that step.</param>
/// <param name="DivergedAt">The step, from 0, at which the loss became infinite or not a number; null where it did not.</param>
sealed record TrainingRecord(IReadOnlyList<float> Losses, int? DivergedAt)
{
    /// <summary>The loss of the first batch.</summary>
    public float FirstLoss => Losses[0];

    /// <summary>The mean loss of the last tenth of the steps; where the training diverged, not a finite number.</summary>
    public double FinalLoss => DivergedAt is null
        ? Losses.TakeLast(Math.Max(1, Losses.Count / 10)).Average(loss => (double)loss)
        : Losses[^1];
}
