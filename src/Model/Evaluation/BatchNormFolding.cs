using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// Batch normalization folded into the linear layer before it. Evaluation normalizes by stored statistics, and so y = x·W + b, followed by
/// gain·r·(y - mean) + bias with r by those statistics, is one linear layer: W' = W·diag(gain·r), b' = (b - mean)·gain·r + bias.
/// </summary>
static class BatchNormFolding
{
    /// <summary>Makes a network without batch normalization, which evaluates as the given one does, to rounding.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network, which stays as it is.</param>
    /// <returns>The new network, which the caller disposes. Its values are computed in double and rounded once.</returns>
    /// <exception cref="InvalidRequestException">The network has no batch normalization.</exception>
    public static Mlp Fold(KernelSet kernels, Mlp network)
    {
        ArgumentNullException.ThrowIfNull(network);
        var folded = new Mlp(kernels, FoldedRecipe(network.Recipe), network.Vocabulary);
        folded.Table.Set(network.Table.ToArray());
        var targets = new Queue<Linear>(folded.Layers.OfType<Linear>());
        for (int i = 0; i < network.Layers.Count; i++)
        {
            if (network.Layers[i] is Linear linear)
            {
                Fold(linear, network.Layers.ElementAtOrDefault(i + 1) as BatchNormalization, targets.Dequeue());
            }
        }
        return folded;
    }

    /// <summary>The recipe of a folded network: without batch normalization, and with the biases that take its place.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="InvalidRequestException">It has no batch normalization.</exception>
    public static Recipe FoldedRecipe(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Normalization is not { Kind: NormalizationKind.Batch }
            ? throw new InvalidRequestException($"the recipe {recipe.Name} has no BatchNorm to fold: leave {SettingName.Fold} out")
            : recipe with
            {
                Normalization = null,
                OutputGain = null,
                HiddenBias = Draw.Constant(0),
                OutputBias = Draw.Constant(0),
                // It is for training, and may name tensors that are gone.
                L2 = new Dictionary<string, double>(),
            };
    }

    static void Fold(Linear linear, BatchNormalization? normalization, Linear folded)
    {
        Vector<double> bias = linear.Bias is { } values ? Values(values) : Vector<double>.Build.Dense(linear.Outputs);
        Vector<double> factor = Vector<double>.Build.Dense(linear.Outputs, 1);
        if (normalization is not null)
        {
            factor = Values(normalization.Gain).PointwiseDivide(
                ReferenceOperations.DeviationOfStored(Values(normalization.RunningVariance), normalization.Constants));
            bias = (bias - Values(normalization.RunningMean)).PointwiseMultiply(factor) + Values(normalization.Bias);
        }
        folded.Weight.Set([.. linear.Weight.ToArray().Select((weight, i) => (float)(weight * factor[i % linear.Outputs]))]);
        folded.Bias!.Set([.. bias.Select(value => (float)value)]);
    }

    static Vector<double> Values(Tensor tensor) =>
        Vector<double>.Build.DenseOfEnumerable(tensor.ToArray().Select(value => (double)value));
}
