using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Benchmarks.Networks;

/// <summary>
/// One network, trained as a user trains it: by the trainer's own loop, with the batches that the host draws and the losses that come back.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="recipe">The recipe.</param>
/// <param name="data">What it is trained on.</param>
/// <param name="strategy">The name of the strategy.</param>
sealed class LoneTraining(KernelSet kernels, Recipe recipe, Dataset data, string strategy = Strategy.Auto)
{
    readonly Strategy strategy = Strategy.Named(strategy, kernels.Accelerator.Device, recipe, data.Vocabulary.Count);

    /// <summary>Trains a new network.</summary>
    /// <param name="steps">The steps that are timed. One more comes before them.</param>
    /// <returns>Steps a second.</returns>
    /// <exception cref="InvalidRequestException">The network is too large.</exception>
    public double StepsPerSecond(int steps)
    {
        var configuration = new Configuration(recipe, steps + 1, DropAt: int.MaxValue, Seeds.LectureSeed);
        SizeLimits.Check(configuration, data.Vocabulary.Count);
        using var network = new Mlp(kernels, recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        var trainer = new Trainer(kernels, network, configuration, generator, strategy);
        trainer.Run(data.Train, _ => { });
        return trainer.StepsPerSecond;
    }
}
