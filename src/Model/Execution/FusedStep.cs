using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>Steps of training as one persistent kernel: the fast form, for models whose activations fit a processor's cache, or whose step is small for a GPU.</summary>
public sealed class FusedStep : ITrainingStep
{
    const int MaxExamples = 32_000;

    readonly KernelSet kernels;
    readonly FusedNetwork network;
    readonly DeviceSplit split;
    readonly Strategy strategy;

    /// <summary>Allocates everything that a step needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    /// <param name="strategy">Who works.</param>
    public FusedStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch, Strategy strategy)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(strategy);
        this.kernels = kernels;
        this.split = split;
        this.strategy = strategy;
        this.network = new FusedNetwork(kernels, network, batch, strategy.Form, strategy.Threads);
    }

    /// <inheritdoc/>
    /// <remarks>So many that a launch does not show, and so few that they take parts of a second.</remarks>
    public int StepsPerLaunch => Math.Clamp(MaxExamples / network.Shape.Batch, 10, 1000);

    /// <inheritdoc/>
    public void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses)
    {
        FusedOperands operands = network.Operands(split, indices, losses);
        kernels.Fused.Train(operands, strategy.Form, strategy.Form.HasWarps() ? strategy.Groups : strategy.Threads, steps, learningRate);
    }

    /// <inheritdoc/>
    public void Store() => network.Store();

    /// <inheritdoc/>
    public void Dispose() => network.Dispose();
}
