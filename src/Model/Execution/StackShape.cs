using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// What networks must have in common to be trained at once: all sizes, where everything lies, and which parameters have an L2 loss. They
/// may differ in their values, learning rates, coefficients of L2 losses, and constants of their normalizations.
/// </summary>
/// <param name="Form">Who the workers are.</param>
/// <param name="Layout">The layout of each.</param>
sealed record StackShape(FusedForm Form, FusedLayout Layout)
{
    /// <summary>The shape of a network.</summary>
    /// <param name="kernels">The kernels, for their device.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="strategy">A fused strategy.</param>
    public static StackShape Of(KernelSet kernels, NetworkShape network, int batch, Strategy strategy)
    {
        ArgumentNullException.ThrowIfNull(strategy);
        FusedForm form = FusedStep.FormOf(strategy, batch);
        return new StackShape(form, LayoutOf(kernels, network, batch, form));
    }

    /// <inheritdoc/>
    public bool Equals(StackShape? other) => other is not null && Form == other.Form
        && Sizes(Layout.Shape) == Sizes(other.Layout.Shape)
        && Layout.Layers.Select(Sizes).SequenceEqual(other.Layout.Layers.Select(Sizes));

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Form, Sizes(Layout.Shape));

    /// <summary>The layout of a network, for one worker or for one group.</summary>
    /// <param name="kernels">The kernels, for their device.</param>
    /// <param name="network">The network.</param>
    /// <param name="batch">N.</param>
    /// <param name="form">Who the workers are.</param>
    internal static FusedLayout LayoutOf(KernelSet kernels, NetworkShape network, int batch, FusedForm form) =>
        FusedNetwork.Layout(network, batch, form, threads: 1, kernels.Accelerator.Device);

    // Of L2 losses, only those that a network has are written in each step.
    static FusedShape Sizes(FusedShape shape) => shape with { TableL2 = Any(shape.TableL2) };

    static FusedLayer Sizes(FusedLayer layer) => layer with
    {
        L2 = new FusedL2(Any(layer.L2.Weight), Any(layer.L2.Bias), Any(layer.L2.Gain), Any(layer.L2.Shift)),
    };

    static float Any(float coefficient) => coefficient == 0 ? 0 : 1;
}
