using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Model.Checking;

/// <summary>A short training on one accelerator, in each strategy and each way that it can be run.</summary>
/// <param name="kernels">The kernels of the accelerator.</param>
/// <param name="accelerator">Its name on the command line.</param>
/// <param name="configuration">The settings.</param>
/// <param name="data">The data set.</param>
sealed class DeterminismCheck(KernelSet kernels, string accelerator, Configuration configuration, Dataset data)
{
    /// <summary>How many runs there are.</summary>
    public int Count => Variants.Length;

    (Strategy Strategy, TrainingWay Way)[] Variants => field ??=
    [
        .. from strategy in Strategies() from way in TrainingWay.All where CanHave(strategy, way) select (strategy, way),
    ];

    /// <summary>Makes the runs, one after another.</summary>
    /// <param name="cancellation">Gives up between two launches.</param>
    /// <exception cref="DivergedException">The loss became infinite or not a number.</exception>
    public IEnumerable<TrainedRun> Run(CancellationToken cancellation = default) =>
        Variants.Select(variant => Train(variant.Strategy, variant.Way, cancellation));

    IEnumerable<Strategy> Strategies()
    {
        Recipe recipe = configuration.Recipe;
        if (Strategy.HasFusedForm(kernels.Accelerator.Device, recipe, data.Vocabulary.Count))
        {
            yield return Strategy.Named(Strategy.Fused.Name, kernels.Accelerator.Device, recipe, data.Vocabulary.Count);
        }
        yield return Strategy.Layered;
    }

    bool CanHave(Strategy strategy, TrainingWay way) => way.Threads == 1 || strategy.CanHave(way.Threads, kernels.Accelerator.Device);

    TrainedRun Train(Strategy strategy, TrainingWay way, CancellationToken cancellation)
    {
        Strategy asked = strategy with { Threads = way.Threads, GivesWay = false, StepsPerLaunch = way.StepsPerLaunch };
        using var network = new Mlp(kernels, configuration.Recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        using TrainingWatch? watch = way.LookEvery is { } every ? new TrainingWatch(kernels, network, data.Train, every) : null;
        int half = configuration.Steps / 2;
        var checkpoint = new CheckpointAt(half, state => ModelFile.Of(network, configuration, data, state.StepsDone) with
        {
            Training = state,
        });
        var trainer = new Trainer(kernels, network, configuration, generator, asked)
        {
            Watch = watch,
            Checkpoints = way.IsResumed ? checkpoint : null,
        };
        var losses = new List<float>();
        using (var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation))
        {
            Run(trainer, losses, stop.Token, () =>
            {
                if (way.StopsHalfway && losses.Count >= half)
                {
                    stop.Cancel();
                }
            });
        }
        Run(trainer, losses, cancellation);
        using Mlp? resumed = checkpoint.Kept?.Load(kernels);
        if (checkpoint.Kept?.Training is { } start)
        {
            losses.RemoveRange(start.StepsDone, losses.Count - start.StepsDone);
            Run(
                new Trainer(kernels, resumed!, configuration, TorchGenerator.Parse(start.Generator), asked) { Start = start }, losses,
                cancellation);
        }
        cancellation.ThrowIfCancellationRequested();
        return new TrainedRun(
            accelerator, kernels.Vectors, strategy.Name, way, losses, [.. (resumed ?? network).Tensors.Select(HostTensor.Of)]);
    }

    void Run(Trainer trainer, List<float> losses, CancellationToken cancellation, Action? launched = null) => trainer.Run(
        data.Train,
        results =>
        {
            losses.AddRange(results.Select(result => result.Loss));
            launched?.Invoke();
        },
        cancellation);

    /// <summary>Keeps the first checkpoint, after so many steps.</summary>
    sealed class CheckpointAt(int step, Func<TrainingState, ModelFile> copy) : ICheckpoints
    {
        public ModelFile? Kept { get; private set; }

        public int? Every => Math.Max(1, step);

        public bool IsDue(int stepsDone) => stepsDone == step;

        public void Keep(TrainingState state) => Kept ??= copy(state);

        public void KeepBest(TrainingState state)
        {
        }
    }
}
