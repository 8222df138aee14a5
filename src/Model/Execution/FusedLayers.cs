using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Execution;

/// <summary>
/// A network's layers as the fused kernels of every form take them. Each is a linear map, then batch normalization where there is one, then
/// an activation where there is one. The last has no activation.
/// </summary>
static class FusedLayers
{
    /// <summary>The fused layers of a network.</summary>
    /// <param name="shape">The network.</param>
    /// <exception cref="InvalidRequestException">A layer has no fused form; the message names it.</exception>
    public static IReadOnlyList<FusedLayerKind> Of(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Convert(shape, out string? refusal) is { } layers
            ? layers
            : throw new InvalidRequestException($"{refusal}: use {SettingName.Strategy} layered");
    }

    /// <summary>Whether all layers of a network have a fused form.</summary>
    /// <param name="shape">The network.</param>
    public static bool Have(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return Convert(shape, out _) is not null;
    }

    /// <summary>The constants of all normalizations. No kernel reads them where there is none.</summary>
    /// <param name="shape">The network.</param>
    public static BatchNormConstants Constants(NetworkShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        return shape.Layers.OfType<BatchNormShape>().FirstOrDefault()?.Constants ?? default;
    }

    static List<FusedLayerKind>? Convert(NetworkShape shape, out string? refusal)
    {
        IReadOnlyList<LayerShape> layers = shape.Layers;
        BatchNormConstants constants = Constants(shape);
        var kinds = new List<FusedLayerKind>();
        foreach ((int i, LayerShape layer) in layers.Index())
        {
            FusedLayerKind? last = kinds.Count == 0 ? null : kinds[^1];
            switch (layer)
            {
                case LinearShape linear:
                    kinds.Add(new FusedLayerKind(linear.Outputs, linear.HasBias, IsNormalized: false, Activation.None)
                    {
                        WeightL2 = linear.WeightL2,
                        BiasL2 = linear.BiasL2,
                    });
                    break;
                // The kernels take one set of constants.
                case BatchNormShape norm when last is { IsNormalized: false, Activation: Activation.None } && norm.Constants == constants:
                    kinds[^1] = last with { IsNormalized = true, GainL2 = norm.GainL2, ShiftL2 = norm.BiasL2 };
                    break;
                case ActivationShape activation when last is { Activation: Activation.None } && i < layers.Count - 1:
                    kinds[^1] = last with { Activation = activation.Activation };
                    break;
                default:
                    refusal = $"layer {i} of the network, {Describe(layer)}, has no fused form there";
                    return null;
            }
        }
        refusal = kinds.Count == 0 ? "a network without a linear layer has no fused form" : null;
        return kinds.Count == 0 ? null : kinds;
    }

    static string Describe(LayerShape layer) => layer switch
    {
        BatchNormShape => "BatchNorm",
        GroupNormShape { Groups: 1 } => "LayerNorm",
        GroupNormShape => "GroupNorm",
        ActivationShape activation => $"{activation.Activation}",
        _ => layer.GetType().Name,
    };
}
