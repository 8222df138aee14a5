using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Network;

/// <summary>What a layer is, without its parameters.</summary>
/// <param name="Outputs">The width of a row that it gives.</param>
public abstract record LayerShape(int Outputs);

/// <summary>y = x·W, and + b where there is a bias.</summary>
/// <param name="Inputs">The width of a row that it takes.</param>
/// <param name="Outputs">The width of a row that it gives.</param>
/// <param name="HasBias">Whether there is a bias.</param>
/// <param name="L2">The coefficient of the weights' mean square, which the loss holds; 0 for none.</param>
public sealed record LinearShape(int Inputs, int Outputs, bool HasBias, double L2) : LayerShape(Outputs);

/// <summary>Batch normalization of each feature.</summary>
/// <param name="Outputs">The features.</param>
/// <param name="Constants">ε, momentum, and which of its forms it has.</param>
public sealed record BatchNormShape(int Outputs, BatchNormConstants Constants) : LayerShape(Outputs);

/// <summary>An activation, value by value.</summary>
/// <param name="Activation">Which.</param>
/// <param name="Outputs">The width of a row.</param>
public sealed record ActivationShape(Activation Activation, int Outputs) : LayerShape(Outputs);

/// <summary>
/// A network's layers and sizes, without its parameters. Every form is made from it, layered and fused, so that none can miss a layer.
/// </summary>
/// <param name="Vocabulary">V.</param>
/// <param name="Embedding">E.</param>
/// <param name="Context">T.</param>
/// <param name="Layers">The layers from the embedded context to the logits.</param>
/// <param name="TableL2">The coefficient of the embedding table's mean square, which the loss holds; 0 for none.</param>
public sealed record NetworkShape(int Vocabulary, int Embedding, int Context, IReadOnlyList<LayerShape> Layers, double TableL2)
{
    /// <summary>T·E, the width of the first layer's input.</summary>
    public int EmbeddedWidth => Context * Embedding;

    /// <summary>The linear layers.</summary>
    public IEnumerable<LinearShape> Linears => Layers.OfType<LinearShape>();

    /// <summary>The network of a recipe.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    public static NetworkShape Of(Recipe recipe, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        var layers = new List<LayerShape>();
        int inputs = recipe.Context * recipe.Embedding;
        foreach (int hidden in recipe.Hidden)
        {
            layers.Add(new LinearShape(inputs, hidden, recipe.HiddenBias is not null, recipe.L2.Hidden));
            if (recipe.Normalization is { } normalization)
            {
                layers.Add(new BatchNormShape(hidden, normalization.Constants));
            }
            if (recipe.Activation != Activation.None)
            {
                layers.Add(new ActivationShape(recipe.Activation, hidden));
            }
            inputs = hidden;
        }
        layers.Add(new LinearShape(inputs, vocabulary, recipe.OutputBias is not null, recipe.L2.Output));
        if (recipe.OutputGain is not null)
        {
            layers.Add(new BatchNormShape(vocabulary, recipe.Normalization!.Constants));
        }
        return new NetworkShape(vocabulary, recipe.Embedding, recipe.Context, layers, recipe.L2.Embedding);
    }
}
