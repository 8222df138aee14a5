using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>Keeps the parameters from before a launch, and runs its steps again to look into one of them.</summary>
sealed class StepReplay : IDisposable
{
    readonly KernelSet kernels;
    readonly Mlp network;
    readonly MemoryBuffer1D<float, Stride1D.Dense> kept;

    ArrayView<float> Kept => kept.View;

    /// <summary>Allocates everything.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    public StepReplay(KernelSet kernels, Mlp network)
    {
        this.kernels = kernels;
        this.network = network;
        kept = kernels.Accelerator.Allocate1D<float>(network.Parameters.Data.Length);
    }

    /// <summary>Keeps the network's parameters.</summary>
    public void Keep() => Kept.CopyFrom(kernels.Stream, network.Parameters.Data);

    /// <summary>The features that do not vary in a step after those that were kept. The network's parameters are lost.</summary>
    /// <param name="strategy">How the steps were run.</param>
    /// <param name="split">The examples.</param>
    /// <param name="indices">The examples of each step [steps, N].</param>
    /// <param name="stepsBefore">The steps before it.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="losses">A place for the loss of each step [steps].</param>
    public FlatFeatures? FlatFeaturesAfter(
        Strategy strategy, DeviceSplit split, ArrayView<int> indices, int stepsBefore, float learningRate, ArrayView<float> losses)
    {
        int batch = network.Recipe.Batch;
        network.Parameters.Data.CopyFrom(kernels.Stream, Kept);
        if (stepsBefore > 0)
        {
            using ITrainingStep before = strategy.CreateStep(kernels, network, split, batch);
            before.Run(indices, stepsBefore, learningRate, losses);
            before.Store();
        }
        using var step = new LayeredStep(kernels, network, split, batch);
        step.Run(indices.SubView((long)stepsBefore * batch, batch), steps: 1, learningRate, losses);
        return FlatFeatures.Find(network, step.Activations);
    }

    /// <inheritdoc/>
    public void Dispose() => kept.Dispose();
}
