using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>
/// Measures the dev loss of a network while it is trained, every so many steps. BatchNorm normalizes by its running statistics, as they are
/// then. Everything that a measurement needs is allocated before the first.
/// </summary>
sealed class DevMeter : IDisposable
{
    readonly Evaluator evaluator;
    readonly DeviceSplit split;
    readonly int[] examples;

    /// <summary>Prepares to measure.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="strategy">In which form to run it.</param>
    /// <param name="dev">The dev split.</param>
    /// <param name="plan">How often, and on how many examples of it.</param>
    public DevMeter(KernelSet kernels, Mlp network, Strategy strategy, Split dev, DevPlan plan)
    {
        ArgumentNullException.ThrowIfNull(dev);
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Every, 1, nameof(plan));
        ArgumentOutOfRangeException.ThrowIfLessThan(plan.Examples, 1, nameof(plan));
        Every = plan.Every;
        evaluator = new Evaluator(kernels, network, strategy);
        split = new DeviceSplit(kernels, dev);
        // Spread evenly, the same ones each time: the examples of a name follow each other.
        examples = [.. Enumerable.Range(0, Math.Min(plan.Examples, dev.Count)).Select(i => (int)((long)i * dev.Count / plan.Examples))];
    }

    /// <summary>Every how many steps it measures.</summary>
    public int Every { get; }

    /// <summary>The memory of measurements.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="strategy">In which form to run it.</param>
    /// <param name="split">The split that is measured.</param>
    /// <param name="examples">On how many of its examples.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    internal static IEnumerable<PlannedBuffer> Plan(
        KernelSet kernels, Mlp network, Strategy strategy, Split split, int examples, LaunchPlan plan) =>
        [DeviceSplit.Plan("examples", split), .. strategy.PlanForward(kernels, network, Math.Min(examples, split.Count), plan)];

    /// <inheritdoc/>
    public void Dispose()
    {
        evaluator.Dispose();
        split.Dispose();
    }

    /// <summary>The mean loss of the network, its own parameters up to date.</summary>
    /// <param name="cancellation">Gives up between two launches.</param>
    internal double Measure(CancellationToken cancellation)
    {
        evaluator.Refresh();
        return evaluator.Loss(split, examples, cancellation);
    }
}
