using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>The loss of a network over whole splits.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
public sealed class Evaluator(KernelSet kernels, Mlp network) : IDisposable
{
    /// <summary>Examples of a batch: enough to be worth a launch, few enough that all activations stay in a processor's cache.</summary>
    public const int Batch = 1024;

    readonly Activations activations = new(kernels, network, Batch, withGradients: false);

    /// <summary>The mean loss over a split, summed in double.</summary>
    /// <param name="split">The split.</param>
    /// <param name="cancellation">Gives up between two batches.</param>
    public double Loss(Split split, CancellationToken cancellation = default)
    {
        using var examples = new DeviceSplit(kernels, split);
        using MemoryBuffer1D<float, Stride1D.Dense> losses = kernels.Accelerator.Allocate1D<float>(examples.Count);
        foreach ((ArrayView<int> tokens, ArrayView<int> targets, int first) in examples.Batches(Batch))
        {
            cancellation.ThrowIfCancellationRequested();
            network.Forward(tokens, activations, Pass.Evaluation);
            int size = targets.IntLength;
            kernels.SoftmaxCrossEntropy.Loss(
                activations.Logits.First(size * network.Vocabulary), targets, network.Vocabulary, losses.View.SubView(first, size));
        }
        var host = new float[examples.Count];
        losses.View.CopyToCPU(kernels.Stream, host);
        kernels.Stream.Synchronize();
        return host.Average(loss => (double)loss);
    }

    /// <summary>The mean losses over all splits of a data set, by name.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="cancellation">Gives up between two batches.</param>
    public IReadOnlyDictionary<string, double> Losses(Dataset data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Splits.ToDictionary(part => part.Name, part => Loss(part.Split, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => activations.Dispose();
}
