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
public sealed class LayeredStep : ITrainingStep
{
    /// <summary>Steps between two looks at the losses: so many that waiting does not show, so few that a run stops quickly.</summary>
    internal const int MostChunkSteps = 100;

    readonly KernelSet kernels;
    readonly Mlp network;
    readonly DeviceSplit split;
    readonly MemoryBuffer1D<int, Stride1D.Dense> tokens;
    readonly MemoryBuffer1D<int, Stride1D.Dense> targets;
    readonly MemoryBuffer1D<float, Stride1D.Dense> exampleLosses;

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
        exampleLosses = kernels.Accelerator.Allocate1D<float>(batch);
    }

    /// <summary>The outputs of all layers in the last step, and their gradients.</summary>
    public Activations Activations { get; }

    /// <inheritdoc/>
    public int ChunkSteps => MostChunkSteps;

    /// <inheritdoc/>
    public void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses)
    {
        for (int step = 0; step < steps; step++)
        {
            ComputeGradients(indices, step, Pass.Training, losses);
            kernels.Sgd.Update(network.Parameters.Gradients, learningRate, network.Parameters.Data);
        }
    }

    /// <summary>A step without its update: takes the batch, and computes its loss and the gradients of all layers and parameters.</summary>
    /// <param name="indices">The examples of each step [steps, N].</param>
    /// <param name="step">Which step of those.</param>
    /// <param name="pass">What the forward pass is for.</param>
    /// <param name="losses">The mean loss of each step.</param>
    public void ComputeGradients(ArrayView<int> indices, int step, Pass pass, ArrayView<float> losses)
    {
        kernels.BatchGather.Gather(split.Contexts, split.Targets, indices, step * Activations.Batch, network.Recipe.Context, tokens.View, targets.View);
        network.Forward(tokens.View, Activations, pass);
        kernels.SoftmaxCrossEntropy.LossAndGradient(
            Activations.Logits.Data, targets.View, network.Vocabulary, exampleLosses.View, Activations.Logits.Gradient);
        kernels.SoftmaxCrossEntropy.Mean(exampleLosses.View, step, losses);
        network.Backward(tokens.View, Activations);
        foreach ((Tensor weight, float coefficient) in network.Penalties)
        {
            kernels.L2Penalty.Add(weight.Data, coefficient, step, losses);
            kernels.L2Penalty.AddGradient(weight.Data, coefficient, weight.Gradient);
        }
    }

    /// <inheritdoc/>
    /// <remarks>They are: a layered step works on them.</remarks>
    public void Store()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Activations.Dispose();
        tokens.Dispose();
        targets.Dispose();
        exampleLosses.Dispose();
    }
}
