using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
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

    /// <summary>A linear layer with the normalization after it folded in, computed in double and rounded once.</summary>
    /// <param name="weight">W [inputs, outputs].</param>
    /// <param name="bias">b [outputs], or null.</param>
    /// <param name="normalization">What the normalization holds.</param>
    internal static (float[] Weight, float[] Bias) Fold(float[] weight, float[]? bias, BatchNormValues normalization)
    {
        Vector<double> factor = Values(normalization.Gain).PointwiseDivide(
            ReferenceOperations.DeviationOfStored(Values(normalization.RunningVariance), normalization.Constants));
        Vector<double> own = bias is null ? Vector<double>.Build.Dense(factor.Count) : Values(bias);
        Vector<double> folded = (own - Values(normalization.RunningMean)).PointwiseMultiply(factor) + Values(normalization.Bias);
        return (
            [.. weight.Select((value, i) => (float)(value * factor[i % factor.Count]))],
            [.. folded.Select(value => (float)value)]);
    }

    static void Fold(Linear linear, BatchNormalization? normalization, Linear folded)
    {
        (float[] weight, float[]? bias) = (linear.Weight.ToArray(), linear.Bias?.ToArray());
        if (normalization is not null)
        {
            (weight, bias) = Fold(weight, bias, new BatchNormValues(
                normalization.Gain.ToArray(), normalization.Bias.ToArray(), normalization.RunningMean.ToArray(),
                normalization.RunningVariance.ToArray(), normalization.Constants));
        }
        folded.Weight.Set(weight);
        folded.Bias!.Set(bias ?? new float[linear.Outputs]);
    }

    static Vector<double> Values(float[] values) => Vector<double>.Build.DenseOfEnumerable(values.Select(value => (double)value));
}
