using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model.Sweeps;

/// <summary>
/// Trains many networks, as many at once as the accelerator can: those that are trained in the fused form by one launch for all of one
/// shape, the others one after another. Each gets the bits that it gets alone.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="strategyFor">How the steps of a recipe are run: by its settings and the vocabulary's size.</param>
/// <param name="threads">The threads of a processor that train at once; null for one on each core.</param>
sealed class ParallelTrainer(KernelSet kernels, Func<Recipe, int, Strategy> strategyFor, int? threads = null)
{
    // Cores that are slower than others, or that others use, too, then train fewer of them in a launch.
    const int NetworksOfCore = 4;

    /// <summary>Told of the steps of each launch, of all networks together; null for nobody.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>How often <see cref="Keep"/> is called while networks are trained.</summary>
    public TimeSpan KeepEvery { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Keeps the networks on their way, their own parameters being up to date; null where nothing is kept.</summary>
    public Action<IReadOnlyList<NetworkRun>>? Keep { get; init; }

    /// <summary>Parts networks into those that are trained at once. Those of one shape come together.</summary>
    /// <typeparam name="T">What stands for a network.</typeparam>
    /// <param name="networks">The networks.</param>
    /// <param name="settingsOf">The settings of a network, and its vocabulary's size.</param>
    /// <param name="accelerators">How many accelerators of this kind share them.</param>
    public IEnumerable<IReadOnlyList<T>> Waves<T>(
        IEnumerable<T> networks, Func<T, (Configuration Configuration, int Vocabulary)> settingsOf, int accelerators = 1)
    {
        ArgumentNullException.ThrowIfNull(networks);
        ArgumentNullException.ThrowIfNull(settingsOf);
        return networks
            .GroupBy(network => settingsOf(network) is var (configuration, vocabulary)
                ? (ShapeOf(configuration.Recipe, vocabulary), configuration.Recipe.Context)
                : default)
            .SelectMany(alike => alike.Chunk(alike.Key.Item1 is { } shape ? WaveOf(alike.Count(), AtOnce(shape), accelerators) : 1));
    }

    /// <summary>Trains networks that <see cref="Waves"/> has put together.</summary>
    /// <param name="runs">The networks.</param>
    /// <param name="data">What they are trained on.</param>
    /// <param name="until">Up to how many steps; null for those of their settings.</param>
    /// <param name="cancellation">Stops between two launches; the networks' own parameters are then up to date, too.</param>
    public void Train(IReadOnlyList<NetworkRun> runs, Dataset data, int? until = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentNullException.ThrowIfNull(data);
        Checkpointing? checkpoints = Keep is { } keep ? new Checkpointing(KeepEvery, () => keep(runs)) : null;
        // All threads of a processor, or groups of a GPU, share the steps of a network that is trained alone.
        if (runs is [var single])
        {
            TrainAlone(single, data, until, checkpoints, cancellation);
            return;
        }
        StackShape shape = ShapeOf(runs[0].Configuration.Recipe, data.Vocabulary.Count)
            ?? throw new ArgumentException("networks that have no fused form are trained one by one", nameof(runs));
        new StackedTraining(kernels, shape, Groups, data.Train) { Progress = Progress, Checkpoints = checkpoints }
            .Train(runs, until ?? int.MaxValue, cancellation);
    }

    /// <summary>Calibrates a network that was trained, where its recipe asks for that, and takes the losses of some splits.</summary>
    /// <param name="run">The network.</param>
    /// <param name="data">What it is trained on.</param>
    /// <param name="splits">The names of the splits; none for all.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public IReadOnlyDictionary<string, double> Evaluate(
        NetworkRun run, Dataset data, IReadOnlyList<string> splits, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(run);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(splits);
        Strategy strategy = strategyFor(run.Configuration.Recipe, data.Vocabulary.Count);
        if (run.Configuration.Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(kernels, run.Network, strategy, data.Train, cancellation: cancellation);
        }
        using var evaluator = new Evaluator(kernels, run.Network, strategy);
        return data.Splits
            .Where(part => splits.Count == 0 || splits.Contains(part.Name))
            .ToDictionary(part => part.Name, part => evaluator.Loss(part.Split, cancellation));
    }

    /// <summary>The memory on the accelerator of networks that <see cref="Waves"/> has put together, in bytes.</summary>
    /// <param name="networks">How many.</param>
    /// <param name="configuration">The settings of one.</param>
    /// <param name="data">What they are trained on.</param>
    public long MemoryOf(int networks, Configuration configuration, Dataset data)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(data);
        int vocabulary = data.Vocabulary.Count;
        using var network = new Mlp(kernels, configuration.Recipe, vocabulary);
        return networks > 1 && ShapeOf(configuration.Recipe, vocabulary) is { } shape
            ? StackedNetworks.BytesOf(shape, networks, Math.Min(networks, Groups))
                + (networks * network.Plan().Sum(buffer => buffer.Bytes)) + DeviceSplit.Plan("examples", data.Train).Bytes
            : MemoryPlan.Of(kernels, network, strategyFor(configuration.Recipe, vocabulary), data, dev: null, isWatched: false).NeededBytes;
    }

    // Of a network that is trained beside others; null for one that is trained alone.
    StackShape? ShapeOf(Recipe recipe, int vocabulary)
    {
        Strategy strategy = strategyFor(recipe, vocabulary);
        return strategy.Name == Strategy.Fused.Name
            ? StackShape.Of(kernels, NetworkShape.Of(recipe, vocabulary), recipe.Batch, strategy)
            : null;
    }

    int Groups => LaunchShape.IsProcessor(kernels.Accelerator.Device)
        ? threads ?? kernels.Launcher.Shape.Cores
        : kernels.Accelerator.Device.NumMultiprocessors * FusedMlp.NetworksPerMultiprocessor;

    // Fewer where they would take more than half of the memory.
    int AtOnce(StackShape shape)
    {
        int networks = Groups * (LaunchShape.IsProcessor(kernels.Accelerator.Device) ? NetworksOfCore : 1);
        long half = kernels.Accelerator.MemorySize / 2;
        while (networks > 1
            && (StackedNetworks.BytesOf(shape, networks, Math.Min(networks, Groups)) > half || !StackedNetworks.CanHold(shape, networks)))
        {
            networks /= 2;
        }
        return networks;
    }

    // The last wave is about as large as the others, so that it has work for all; and no accelerator is left without one.
    static int WaveOf(int networks, int most, int accelerators)
    {
        int rounds = ((networks - 1) / most / accelerators) + 1;
        return ((networks - 1) / (rounds * accelerators)) + 1;
    }

    void TrainAlone(NetworkRun run, Dataset data, int? until, Checkpointing? checkpoints, CancellationToken cancellation)
    {
        Configuration configuration = run.Configuration with { Steps = Math.Min(until ?? int.MaxValue, run.Configuration.Steps) };
        if (run.StepsDone >= configuration.Steps)
        {
            return;
        }
        Strategy strategy = strategyFor(configuration.Recipe, data.Vocabulary.Count);
        var trainer = new Trainer(kernels, run.Network, configuration, run.Generator, strategy)
        {
            Start = run.StepsDone > 0 ? run.State : null,
            Checkpoints = checkpoints,
        };
        try
        {
            var clock = System.Diagnostics.Stopwatch.StartNew();
            trainer.Run(
                data.Train,
                results =>
                {
                    run.Add([.. results.Select(result => result.Loss)], clock.Elapsed.TotalSeconds);
                    Progress?.Report(results.Count);
                    clock.Restart();
                },
                cancellation);
        }
        catch (Exception fault) when (fault is DivergedException or FlatBatchException)
        {
            run.Diverge();
        }
    }
}
