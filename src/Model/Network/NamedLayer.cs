using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Network;

/// <summary>A layer of a network and the names of its tensors, as they stand in model files.</summary>
/// <param name="Shape">What it is.</param>
/// <param name="Tensors">
/// Of a linear layer the weight, and the bias where it has one; of a normalization the gain, the bias and, of batch normalization, the
/// running mean and the running variance or standard deviation; of an activation none.
/// </param>
sealed record NamedLayer(LayerShape Shape, IReadOnlyList<string> Tensors)
{
    /// <summary>The layers of a network, from the embedded context to the logits.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="network">Its layers and sizes.</param>
    public static IReadOnlyList<NamedLayer> Of(Recipe recipe, NetworkShape network)
    {
        var names = new LayerNames(recipe);
        return [.. network.Layers.Select(layer => new NamedLayer(layer, TensorsOf(names, layer)))];
    }

    static string[] TensorsOf(LayerNames names, LayerShape layer)
    {
        switch (layer)
        {
            case LinearShape linear:
                (string weight, string linearBias) = names.NextLinear();
                return linear.HasBias ? [weight, linearBias] : [weight];
            case BatchNormShape or GroupNormShape:
                (string gain, string bias, string mean, string variance) = names.NextNormalization();
                return layer is BatchNormShape ? [gain, bias, mean, variance] : [gain, bias];
            case ActivationShape:
                names.NextActivation();
                return [];
            default:
                throw new InvalidOperationException($"{layer} has no names for its tensors");
        }
    }
}
