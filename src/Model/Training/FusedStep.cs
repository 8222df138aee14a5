using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Operations;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// Steps of training as one persistent kernel: the fast form, for models whose activations fit a processor's cache, or whose step is small for a
/// GPU. Where it is more than one group can do, by a few launches.
/// </summary>
public sealed class FusedStep : ITrainingStep
{
    const int MostExamples = 32_000;

    readonly KernelSet kernels;
    readonly FusedNetwork network;
    readonly DeviceSplit split;
    readonly FusedForm form;
    readonly MemoryBuffer1D<StepState, Stride1D.Dense> state;
    RecordedLaunches? recorded;
    (ArrayView<int> Indices, ArrayView<float> Losses) recordedViews;

    /// <summary>Allocates everything that a step needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="split">The examples.</param>
    /// <param name="batch">N.</param>
    /// <param name="form">Who works.</param>
    /// <param name="threads">Threads of the kernel, where that is one group.</param>
    public FusedStep(KernelSet kernels, Mlp network, DeviceSplit split, int batch, FusedForm form, int threads)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        this.kernels = kernels;
        this.split = split;
        this.form = form;
        this.network = new FusedNetwork(kernels, network, batch, form, threads);
        state = kernels.Accelerator.Allocate1D<StepState>(1);
    }

    /// <inheritdoc/>
    /// <remarks>So many that a launch does not show, and so few that they take parts of a second.</remarks>
    public int ChunkSteps => Math.Clamp(MostExamples / network.Shape.Batch, 10, 1000);

    /// <inheritdoc/>
    /// <remarks>Several launches of a step are recorded for the views that they get: it is best to give the same ones each time.</remarks>
    public void Run(ArrayView<int> indices, int steps, float learningRate, ArrayView<float> losses)
    {
        if (form != FusedForm.Groups)
        {
            kernels.Fused.Train(network.Operands(split, indices, losses), form, network.Threads, steps, learningRate);
            return;
        }
        kernels.Sgd.Begin(learningRate, state.View);
        RecordedLaunches launches = RecordedFor(indices, losses);
        for (int step = 0; step < steps; step++)
        {
            launches.Run();
        }
    }

    /// <inheritdoc/>
    public void Store() => network.Store();

    /// <inheritdoc/>
    public void Dispose()
    {
        recorded?.Dispose();
        network.Dispose();
        state.Dispose();
    }

    RecordedLaunches RecordedFor(ArrayView<int> indices, ArrayView<float> losses)
    {
        if (recorded is null || !recordedViews.Equals((indices, losses)))
        {
            recorded?.Dispose();
            FusedOperands operands = network.Operands(split, indices, losses);
            recorded = new RecordedLaunches(kernels.Launcher, () => kernels.FusedPhases.Train(operands, network.Layers, state.View));
            recordedViews = (indices, losses);
        }
        return recorded;
    }
}
