using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Measuring;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Benchmarks.Strategies;

/// <summary>Training by one strategy, over the same few batches again and again.</summary>
sealed class TimedTraining : IDisposable
{
    const int MaxStepsPerLaunch = 100;
    const float LearningRate = 0.01f;

    readonly KernelSet kernels;
    readonly Mlp network;
    readonly DeviceSplit split;
    readonly ITrainingStep step;
    readonly MemoryBuffer1D<int, Stride1D.Dense> indices;
    readonly MemoryBuffer1D<float, Stride1D.Dense> losses;

    public TimedTraining(KernelSet kernels, Recipe recipe, Dataset data, Strategy strategy)
    {
        this.kernels = kernels;
        network = new Mlp(kernels, recipe, data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        split = new DeviceSplit(kernels, data.Train);
        step = strategy.CreateStep(kernels, network, split, recipe.Batch);
        var batches = new int[Math.Min(step.StepsPerLaunch, MaxStepsPerLaunch) * recipe.Batch];
        generator.RandInt(0, data.Train.Count, batches);
        indices = kernels.Accelerator.Allocate1D(batches);
        losses = kernels.Accelerator.Allocate1D<float>(batches.Length / recipe.Batch);
    }

    /// <summary>Measures.</summary>
    /// <param name="seconds">How long at least.</param>
    /// <returns>Steps a second.</returns>
    public double StepsPerSecond(double seconds) => Rate.Of(seconds, first: 1, Run);

    public void Dispose()
    {
        kernels.Stream.Synchronize();
        losses.Dispose();
        indices.Dispose();
        step.Dispose();
        split.Dispose();
        network.Dispose();
    }

    void Run(int steps)
    {
        for (int done = 0; done < steps; done += losses.IntExtent)
        {
            step.Run(indices.View, Math.Min(steps - done, losses.IntExtent), LearningRate, losses.View);
        }
        kernels.Stream.Synchronize();
    }
}
