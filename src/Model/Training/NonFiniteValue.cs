using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Training;

/// <summary>The first value of a step that is no finite number.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Name">What it belongs to: "hidden layer 2's BatchNorm output".</param>
sealed record NonFiniteValue(int Step, string Name)
{
    /// <summary>Looks through a step in the order in which it computes.</summary>
    /// <param name="network">The network, its parameters as they were before the step.</param>
    /// <param name="activations">The outputs of its layers in the step, and their gradients.</param>
    /// <param name="step">The step.</param>
    /// <returns>The first value; null where all are finite.</returns>
    internal static NonFiniteValue? Find(Mlp network, Activations activations, int step)
    {
        foreach ((string name, Func<float[]> values) in Values(network, activations))
        {
            if (!Array.TrueForAll(values(), float.IsFinite))
            {
                return new NonFiniteValue(step, name);
            }
        }
        return null;
    }

    static IEnumerable<(string Name, Func<float[]> Values)> Values(Mlp network, Activations activations)
    {
        string[] layers = [.. Names(network.Layers)];
        IEnumerable<(string Name, Tensor Tensor)> outputs =
            [("the embedding's", activations.Embedded), .. layers.Zip(activations.Outputs)];
        return
        [
            .. network.Parameters.Tensors.Select(tensor => ($"the parameter {tensor.Name}", (Func<float[]>)tensor.ToArray)),
            .. outputs.Select(output => ($"{output.Name} output", (Func<float[]>)output.Tensor.ToArray)),
            .. outputs.Reverse().Select(output => ($"{output.Name} gradient", (Func<float[]>)output.Tensor.GradientToArray)),
            .. network.Parameters.Tensors.Select(tensor =>
                ($"the gradient of the parameter {tensor.Name}", (Func<float[]>)tensor.GradientToArray)),
        ];
    }

    static IEnumerable<string> Names(IReadOnlyList<Layer> layers)
    {
        int hidden = layers.Count(layer => layer is Linear) - 1;
        int number = 0;
        foreach (Layer layer in layers)
        {
            number += layer is Linear ? 1 : 0;
            string position = number > hidden ? "the output layer's" : hidden == 1 ? "the hidden layer's" : $"hidden layer {number}'s";
            yield return $"{position} {KindOf(layer)}";
        }
    }

    static string KindOf(Layer layer) => layer switch
    {
        Linear => "linear",
        BatchNormalization => "BatchNorm",
        GroupNormalization { Groups: 1 } => "LayerNorm",
        GroupNormalization => "GroupNorm",
        ActivationLayer activation => activation.Activation.ToString().ToLowerInvariant(),
        _ => layer.GetType().Name,
    };
}
