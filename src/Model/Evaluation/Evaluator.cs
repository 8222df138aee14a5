using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>The loss of a network over whole splits.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
/// <param name="strategy">In which form.</param>
sealed class Evaluator(KernelSet kernels, Mlp network, Strategy strategy) : IDisposable
{
    /// <summary>Examples of a batch of the layered form.</summary>
    public const int Batch = LayeredForward.Batch;

    readonly IForwardPass forward = strategy.CreateForward(kernels, network);

    /// <summary>Told how many more examples were evaluated, launch by launch; null for nobody.</summary>
    public IProgress<int>? Progress { get; init; }

    /// <summary>The mean loss over a split, summed in double.</summary>
    /// <param name="split">The split.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public double Loss(Split split, CancellationToken cancellation = default)
    {
        using var data = new DeviceSplit(kernels, split);
        return Loss(data, data.Examples, cancellation);
    }

    /// <summary>The mean loss over some examples of a split, summed in double.</summary>
    /// <param name="split">The split.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public double Loss(Split split, IEnumerable<int> examples, CancellationToken cancellation = default)
    {
        using var data = new DeviceSplit(kernels, split);
        return Loss(data, examples, cancellation);
    }

    /// <summary>The mean losses over all splits of a data set, by name.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public IReadOnlyDictionary<string, double> Losses(Dataset data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        return data.Splits.ToDictionary(part => part.Name, part => Loss(part.Split, cancellation));
    }

    /// <summary>
    /// The mean loss over those names of the test split that do not stand in the training split, too; null where all of them do, or none.
    /// </summary>
    /// <param name="data">The data set.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    public double? LossOfNewTestNames(Dataset data, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyList<string> names = data.NewNames(data.Test);
        return names.Count > 0 && names.Count < data.Test.Names.Count
            ? Loss(Split.Of(names, data.Test.Context, data.Vocabulary), cancellation)
            : null;
    }

    /// <inheritdoc/>
    public void Dispose() => forward.Dispose();

    /// <summary>Takes over the network's parameters and statistics, where they have changed since it was made.</summary>
    internal void Refresh() => forward.Refresh();

    /// <summary>The mean loss over some examples of a split on the device, summed in double.</summary>
    /// <param name="split">The split.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    internal double Loss(DeviceSplit split, IEnumerable<int> examples, CancellationToken cancellation) =>
        forward.Losses(split, examples, cancellation).SelectMany(losses =>
        {
            Progress?.Report(losses.Count);
            return losses;
        }).Average(loss => (double)loss);
}
