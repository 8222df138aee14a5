using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>The loss of a network over whole splits.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
/// <param name="strategy">In which form.</param>
public sealed class Evaluator(KernelSet kernels, Mlp network, Strategy strategy) : IDisposable
{
    /// <summary>Examples of a batch of the layered form.</summary>
    public const int Batch = LayeredForward.Batch;

    readonly IForwardPass forward = strategy.CreateForward(kernels, network);

    /// <summary>The mean loss over a split, summed in double.</summary>
    /// <param name="split">The split.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public double Loss(Split split, CancellationToken cancellation = default)
    {
        using var examples = new DeviceSplit(kernels, split);
        return forward.Losses(examples, cancellation).Average(loss => (double)loss);
    }

    /// <summary>The mean losses over all splits of a data set, by name.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public IReadOnlyDictionary<string, double> Losses(Dataset data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Splits.ToDictionary(part => part.Name, part => Loss(part.Split, cancellation));
    }

    /// <inheritdoc/>
    public void Dispose() => forward.Dispose();
}
