using Makemore.Gpu.Kernels;
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
public sealed class DeterminismCheck(KernelSet kernels, string accelerator, Configuration configuration, Dataset data)
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

    bool CanHave(Strategy strategy, TrainingWay way) => way.Threads == 1
        || (strategy == Strategy.Fused && way.Threads <= kernels.Accelerator.Device.MaxNumThreadsPerGroup);

    TrainedRun Train(Strategy strategy, TrainingWay way, CancellationToken cancellation)
    {
        using var network = new Mlp(kernels, configuration.Recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        using TrainingWatch? watch = way.LookEvery is { } every ? new TrainingWatch(kernels, network, data.Train, every) : null;
        Strategy asked = strategy with { Threads = way.Threads, StepsPerLaunch = way.StepsPerLaunch };
        var trainer = new Trainer(kernels, network, configuration, generator, asked) { Watch = watch };
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var losses = new List<float>();
        trainer.Run(
            data.Train,
            results =>
            {
                losses.AddRange(results.Select(result => result.Loss));
                if (way.StopsHalfway && losses.Count >= configuration.Steps / 2)
                {
                    stop.Cancel();
                }
            },
            stop.Token);
        cancellation.ThrowIfCancellationRequested();
        trainer.Run(data.Train, results => losses.AddRange(results.Select(result => result.Loss)), cancellation);
        cancellation.ThrowIfCancellationRequested();
        return new TrainedRun(
            accelerator, kernels.Vectors, strategy.Name, way, losses, [.. network.Tensors.Select(HostTensor.Of)]);
    }
}
