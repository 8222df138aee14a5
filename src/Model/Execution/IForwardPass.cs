using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Model.Execution;

/// <summary>A network run forward for evaluation, layered or fused. Normalizations use the stored statistics.</summary>
interface IForwardPass : IDisposable
{
    /// <summary>Takes over the network's parameters and statistics, where they have changed since the pass was made.</summary>
    void Refresh();

    /// <summary>The losses of some examples of a split, in their order: those of one launch after those of another.</summary>
    /// <param name="split">The split on the device.</param>
    /// <param name="examples">The examples.</param>
    /// <param name="cancellation">Cancels between two launches.</param>
    /// <returns>The losses of a launch, in an array that the next launch overwrites.</returns>
    IEnumerable<ArraySegment<float>> Losses(DeviceSplit split, IEnumerable<int> examples, CancellationToken cancellation);

    /// <summary>
    /// The moments over a whole split of a normalization's input. The layers below are normalized by the network's present statistics.
    /// </summary>
    /// <param name="split">The split on the device.</param>
    /// <param name="layer">The normalization's index in the network's list of layers.</param>
    /// <param name="progress">Told how many more examples were run, launch by launch; null for nobody.</param>
    /// <param name="cancellation">Cancels between two launches.</param>
    SplitMoments Moments(DeviceSplit split, int layer, IProgress<int>? progress, CancellationToken cancellation);

    /// <summary>The logits after some contexts [contexts, V].</summary>
    /// <param name="contexts">The contexts [contexts, T]; at most <see cref="MaxContexts"/>.</param>
    float[] Logits(int[] contexts);

    /// <summary>The most contexts that <see cref="Logits"/> takes at a time.</summary>
    int MaxContexts { get; }
}
