using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Network;

/// <summary>
/// The names of a network's tensors. With one hidden layer they are the lectures' W1, b1, bngain, bnbias, W2, b2 and
/// bnmean_running with bnstd_running or bnvar_running; lngain and gngain in place of bngain are those of layer and group normalization.
/// With several, or with normalized logits, they are <c>layers.N.weight</c> and so on, N counting linear layers, normalizations and
/// activations in order, as the lecture's list of layers does.
/// </summary>
/// <param name="recipe">The recipe; null for a list of layers.</param>
sealed class LayerNames(Recipe? recipe)
{
    /// <summary>The name of the embedding table.</summary>
    public const string Table = "C";

    readonly bool listed = recipe is null || recipe.Hidden.Count > 1 || recipe.OutputGain is not null;
    int layer;
    int linear;

    string Norm => recipe?.Normalization?.Kind switch
    {
        NormalizationKind.Layer => "ln",
        NormalizationKind.Group => "gn",
        _ => "bn",
    };

    bool KeepsDeviation => recipe?.Normalization?.RunningStatistic == RunningStatistic.StandardDeviation;

    public (string Weight, string Bias) NextLinear()
    {
        linear++;
        string prefix = NextPrefix();
        return listed ? (prefix + "weight", prefix + "bias") : ($"W{linear}", $"b{linear}");
    }

    // The last name is that of the variance, or of the standard deviation where the recipe keeps that. Batch normalization alone has the
    // last two.
    public (string Gain, string Bias, string Mean, string Variance) NextNormalization()
    {
        string prefix = NextPrefix();
        return listed
            ? (prefix + "gamma", prefix + "beta", prefix + "running_mean", prefix + (KeepsDeviation ? "running_std" : "running_var"))
            : (Norm + "gain", Norm + "bias", "bnmean_running", KeepsDeviation ? "bnstd_running" : "bnvar_running");
    }

    public void NextActivation() => layer++;

    string NextPrefix() => $"layers.{layer++}.";
}
