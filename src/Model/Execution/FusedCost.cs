using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// What a step of training costs on a GPU by warps, in one launch of many steps, and what it would cost layered, so as to choose: the same choice each
/// time.
/// </summary>
/// <param name="Layers">Linear layers.</param>
/// <param name="HasNormalizedLogits">Whether the logits are normalized, whose backward pass is a phase of its own.</param>
/// <param name="Work">Multiply-adds of a step's matrix products, which are nearly all of it.</param>
/// <param name="Groups">Groups of warps.</param>
/// <param name="Multiprocessors">Multiprocessors of the device.</param>
sealed record FusedCost(int Layers, bool HasNormalizedLogits, double Work, int Groups, int Multiprocessors)
{
    // In µs, as an H200 has them for the lectures' networks: from a launch to the next of a recorded graph, and from a meeting of all warps to the next.
    const double Launch = 3;
    const double Phase = 2.5;

    // Of the lectures' networks: 6 to 11.
    const int LayerLaunches = 9;

    // Multiply-adds of one multiprocessor in a µs, of which there are 128 a clock: guesses of what warps reach in small blocks, and layers in large ones.
    const double WarpRate = 40_000;
    const double LayerRate = 150_000;

    /// <summary>Whether many steps in one launch are faster.</summary>
    public bool IsFused => Fused <= Layered;

    // Forward and back each layer has a phase, and the embedding, the loss and the last updates have one each. A grid barrier ends each phase.
    int Phases => (2 * Layers) + 3 + (HasNormalizedLogits ? 1 : 0);

    double Fused => (Phases * Phase) + (Work / (WarpRate * Groups));

    double Layered => (LayerLaunches * Layers * Launch) + (Work / (LayerRate * Multiprocessors));

    /// <summary>The cost of a network's step.</summary>
    /// <param name="shape">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="device">The GPU.</param>
    public static FusedCost Of(NetworkShape shape, int batch, Device device)
    {
        int[] outputs = [.. shape.Linears.Select(linear => linear.Outputs)];
        double weights = shape.Linears.Sum(linear => (double)linear.Inputs * linear.Outputs);
        int groups = Math.Min(FusedMlp.MaxGroups(outputs), Math.Max(1, device.NumMultiprocessors));
        // Forward, the gradient of the inputs and that of the weights.
        return new FusedCost(outputs.Length, shape.Layers[^1] is BatchNormShape, 3 * weights * batch, groups, device.NumMultiprocessors);
    }
}
