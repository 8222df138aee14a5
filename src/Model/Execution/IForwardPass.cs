using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Model.Execution;

/// <summary>A network run forward for evaluation, layered or fused. Normalizations use the stored statistics.</summary>
interface IForwardPass : IDisposable
{
    /// <summary>The loss of every example of a split, in their order.</summary>
    /// <param name="split">The split on the device.</param>
    /// <param name="progress">Told how many more examples were evaluated, launch by launch; null for nobody.</param>
    /// <param name="cancellation">Cancels between two launches.</param>
    float[] Losses(DeviceSplit split, IProgress<int>? progress, CancellationToken cancellation);

    /// <summary>
    /// The moments over a whole split of a normalization's input. The layers below are normalized by the network's present statistics.
    /// </summary>
    /// <param name="split">The split on the device.</param>
    /// <param name="layer">The normalization's index in the network's list of layers.</param>
    /// <param name="cancellation">Cancels between two launches.</param>
    SplitMoments Moments(DeviceSplit split, int layer, CancellationToken cancellation);

    /// <summary>The logits after some contexts [contexts, V].</summary>
    /// <param name="contexts">The contexts [contexts, T]; at most <see cref="MaxContexts"/>.</param>
    float[] Logits(int[] contexts);

    /// <summary>The most contexts that <see cref="Logits"/> takes at a time.</summary>
    int MaxContexts { get; }
}
