using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Model.Execution;

/// <summary>A way to run a network forward for evaluation, normalized by the stored statistics.</summary>
interface IForwardPass : IDisposable
{
    /// <summary>The loss of every example of a split, in their order.</summary>
    /// <param name="split">The split on the device.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    float[] Losses(DeviceSplit split, CancellationToken cancellation);

    /// <summary>The moments over a whole split of what a normalization is given, the layers below normalized by the statistics that the network has now.</summary>
    /// <param name="split">The split on the device.</param>
    /// <param name="layer">The normalization's place in the network's list of layers.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    SplitMoments Moments(DeviceSplit split, int layer, CancellationToken cancellation);

    /// <summary>The logits after some contexts [contexts, V].</summary>
    /// <param name="contexts">The contexts [contexts, T]; at most <see cref="MostContexts"/>.</param>
    float[] Logits(int[] contexts);

    /// <summary>The most contexts whose logits can be had at a time.</summary>
    int MostContexts { get; }
}
