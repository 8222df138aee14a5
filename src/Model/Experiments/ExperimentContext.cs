using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What experiments share: an accelerator, the data, and a seed. Every network and every tensor starts from a generator of its own, so
/// that a run in an experiment is the run that a training with the same settings gives, and experiments do not depend on each other.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="data">The data.</param>
/// <param name="strategyFor">How the steps of a recipe are run.</param>
/// <param name="seed">The seed of all random numbers.</param>
/// <param name="cancellation">Stops an experiment between two launches of steps, or two networks.</param>
sealed class ExperimentContext(
    KernelSet kernels, Dataset data, Func<Recipe, Strategy> strategyFor, ulong seed, CancellationToken cancellation = default)
    : IDisposable
{
    /// <summary>The kernels.</summary>
    public KernelSet Kernels { get; } = kernels;

    /// <summary>The data.</summary>
    public Dataset Data { get; } = data;

    /// <summary>The seed of all random numbers.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>Stops an experiment.</summary>
    public CancellationToken Cancellation { get; } = cancellation;

    /// <summary>Told how far each training is, launch by launch; null for nobody.</summary>
    public IProgress<RunProgress>? Progress { get; init; }

    /// <summary>The threads of a processor that train networks at once; null for one on each core.</summary>
    public int? Threads { get; init; }

    /// <summary>The bins of histograms; null for as many as their values carry.</summary>
    public int? Bins { get; init; }

    /// <summary>Measures tensors on the accelerator.</summary>
    public DistributionMeter Meter => field ??= new(Kernels, Bins);

    /// <summary>How the steps of a recipe are run.</summary>
    /// <param name="recipe">The recipe.</param>
    public Strategy StrategyFor(Recipe recipe) => strategyFor(recipe);

    /// <summary>A generator that starts from the seed.</summary>
    public TorchGenerator CreateGenerator() => new(Seed);

    /// <summary>Draws a network.</summary>
    /// <param name="recipe">Its recipe.</param>
    /// <exception cref="OperationCanceledException">The experiment was stopped.</exception>
    public ExperimentRun Draw(Recipe recipe)
    {
        Cancellation.ThrowIfCancellationRequested();
        return new ExperimentRun(this, recipe);
    }

    /// <summary>Looks into a network as it was drawn, on its first batch.</summary>
    /// <param name="recipe">Its recipe.</param>
    public Inspection Inspect(Recipe recipe)
    {
        using ExperimentRun run = Draw(recipe);
        return run.Inspect();
    }

    /// <summary>Trains a network from its start.</summary>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="steps">The steps.</param>
    public TrainingRecord Train(Recipe recipe, int steps)
    {
        using ExperimentRun run = Draw(recipe);
        return run.Train(steps);
    }

    /// <inheritdoc/>
    public void Dispose() => Meter.Dispose();
}
