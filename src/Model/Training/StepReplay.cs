using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// Keeps the parameters that a run starts from, and the generator of its batches, to look into one of its steps afterwards.
/// </summary>
sealed class StepReplay : IDisposable
{
    readonly KernelSet kernels;
    readonly Mlp network;
    readonly TorchGenerator generator;
    readonly MemoryBuffer1D<float, Stride1D.Dense> kept;

    /// <summary>Keeps the network's parameters, and the generator's state.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="generator">The generator of the batches.</param>
    public StepReplay(KernelSet kernels, Mlp network, TorchGenerator generator)
    {
        this.kernels = kernels;
        this.network = network;
        this.generator = generator.Clone();
        kept = kernels.Accelerator.Allocate1D<float>(network.Parameters.Data.Length);
        Kept.CopyFrom(kernels.Stream, network.Parameters.Data);
    }

    ArrayView<float> Kept => kept.View;

    /// <summary>Trains again up to a step, and gives the features that do not vary in it. The network's parameters are lost.</summary>
    /// <param name="examples">The training split.</param>
    /// <param name="train">Trains the network up to the step, by batches of the generator.</param>
    /// <param name="learningRate">The learning rate of the step.</param>
    public FlatFeatures? FlatFeaturesAfter(Split examples, Action<TorchGenerator> train, float learningRate)
    {
        network.Parameters.Data.CopyFrom(kernels.Stream, Kept);
        train(generator);
        var batch = new int[network.Recipe.Batch];
        generator.RandInt(0, examples.Count, batch);
        using var split = new DeviceSplit(kernels, examples);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D(kernels.Stream, batch);
        using MemoryBuffer1D<float, Stride1D.Dense> loss = kernels.Accelerator.Allocate1D<float>(1);
        using var step = new LayeredStep(kernels, network, split, batch.Length);
        step.Run(indices.View, steps: 1, learningRate, loss.View);
        return FlatFeatures.Find(network, step.Activations);
    }

    /// <inheritdoc/>
    public void Dispose() => kept.Dispose();
}
