using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// Estimates what a step of training costs on a CUDA GPU in two forms: fused by warps or warp groups, many steps in one launch; and
/// layered, one launch for each operation. Nothing is measured, so that <see cref="Strategy.Automatic"/> chooses the same form each time.
/// </summary>
/// <param name="Layers">L, the linear layers.</param>
/// <param name="HasNormalizedLogits">Whether the logits are normalized: their backward pass is then a phase of its own.</param>
/// <param name="Work">Multiply-adds of a step's matrix products, which are nearly all of its work.</param>
/// <param name="Groups">Groups of the fused launch, at most one for each multiprocessor.</param>
/// <param name="Multiprocessors">Multiprocessors of the device.</param>
sealed record FusedCost(int Layers, bool HasNormalizedLogits, double Work, int Groups, int Multiprocessors)
{
    // In µs on an H200, for the lectures' networks: from one launch of a recorded graph to the next, and from one grid barrier to the next.
    const double LaunchTime = 3;
    const double PhaseTime = 2.5;

    // Launches of a step for each linear layer. The lectures' networks have 6 to 11.
    const int LayerLaunches = 9;

    // Multiply-adds of one multiprocessor in a µs; its peak is 128 a clock. Both are guesses: the first of what the fused form reaches on
    // small tiles, the second of what the layered form reaches on large ones.
    const double FusedRate = 40_000;
    const double LayeredRate = 150_000;

    /// <summary>Whether the fused form is at least as fast.</summary>
    public bool IsFused => Fused <= Layered;

    // The embedding, L layers forward, the loss, L layers backward, and the last updates. A grid barrier ends each phase: 2L+3 barriers a
    // step, and 2L+4 with normalized logits.
    int Phases => (2 * Layers) + 3 + (HasNormalizedLogits ? 1 : 0);

    double Fused => (Phases * PhaseTime) + (Work / (FusedRate * Groups));

    double Layered => (LayerLaunches * Layers * LaunchTime) + (Work / (LayeredRate * Multiprocessors));

    /// <summary>The cost of a network's step.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="device">The GPU.</param>
    public static FusedCost Of(NetworkShape shape, int batch, Device device)
    {
        int[] outputs = [.. shape.Linears.Select(linear => linear.Outputs)];
        int groups = Math.Min(FusedMlp.MaxGroups(outputs), Math.Max(1, device.NumMultiprocessors));
        return new FusedCost(
            outputs.Length, shape.Layers[^1] is BatchNormShape, MultiplyAdds(shape, batch), groups, device.NumMultiprocessors);
    }

    /// <summary>
    /// Multiply-adds of a step's matrix products: three a layer, forward, the gradient of its input, and that of its weights.
    /// </summary>
    /// <param name="shape">The network.</param>
    /// <param name="batch">N.</param>
    public static double MultiplyAdds(NetworkShape shape, int batch) =>
        3.0 * batch * shape.Linears.Sum(linear => (double)linear.Inputs * linear.Outputs);
}
