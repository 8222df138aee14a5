using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// One step of training as a chain of kernels, one launch for each operation: take the batch, forward, loss, backward, update. The
/// readable form: it takes any size, and every intermediate stays on the device to be looked at.
/// </summary>
public sealed class LayeredStep : IDisposable
{
    readonly KernelSet kernels;
    readonly Mlp network;
    readonly DeviceSplit split;
    readonly MemoryBuffer1D<int, Stride1D.Dense> tokens;
    readonly MemoryBuffer1D<int, Stride1D.Dense> targets;
    readonly MemoryBuffer1D<float, Stride1D.Dense> losses;

    /// <summary>Allocates everything that a step needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    public LayeredStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        this.kernels = kernels;
        this.network = network;
        this.split = split;
        Activations = new Activations(kernels, network, batch, withGradients: true);
        tokens = kernels.Accelerator.Allocate1D<int>((long)batch * network.Recipe.Context);
        targets = kernels.Accelerator.Allocate1D<int>(batch);
        losses = kernels.Accelerator.Allocate1D<float>(batch);
    }

    /// <summary>The outputs of all layers in the last step, and their gradients.</summary>
    public Activations Activations { get; }

    /// <summary>Launches one step. Nothing is copied, allocated or waited for.</summary>
    /// <param name="indices">Indices of examples, many steps' worth.</param>
    /// <param name="place">Which batch of the indices is this step's, and where its loss goes.</param>
    /// <param name="learningRate">The learning rate.</param>
    /// <param name="record">The record of mean losses.</param>
    public void Run(ArrayView<int> indices, int place, float learningRate, ArrayView<float> record)
    {
        kernels.BatchGather.Gather(split.Contexts, split.Targets, indices, place * Activations.Batch, network.Recipe.Context, tokens.View, targets.View);
        network.Forward(tokens.View, Activations, Pass.Training);
        kernels.SoftmaxCrossEntropy.LossAndGradient(
            Activations.Logits.Data, targets.View, network.Vocabulary, losses.View, Activations.Logits.Gradient);
        kernels.SoftmaxCrossEntropy.Mean(losses.View, place, record);
        network.Backward(tokens.View, Activations);
        kernels.Sgd.Update(network.Parameters.Gradients, learningRate, network.Parameters.Data);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Activations.Dispose();
        tokens.Dispose();
        targets.Dispose();
        losses.Dispose();
    }
}
