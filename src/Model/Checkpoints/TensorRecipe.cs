using System.Globalization;
using System.Text.RegularExpressions;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>What the tensors of a network do not tell; null for what the recipe has.</summary>
/// <param name="Recipe">The recipe; null for the one that has tensors of the same names.</param>
/// <param name="Activation">What follows each hidden layer.</param>
/// <param name="Epsilon">ε of the normalizations.</param>
/// <param name="Groups">G of a group normalization.</param>
sealed record ImportSettings(Recipe? Recipe = null, Activation? Activation = null, double? Epsilon = null, int? Groups = null);

/// <summary>
/// The recipe of a network of which only the tensors are known, under the lectures' names: W1, b1, bngain and so on with one hidden layer,
/// layers.N.weight and so on with several, where N counts linear layers, normalizations and activations.
/// </summary>
static partial class TensorRecipe
{
    /// <summary>The recipe.</summary>
    /// <param name="tensors">The tensors.</param>
    /// <param name="settings">What they do not tell.</param>
    /// <exception cref="FormatException">They are not those of a network of the lectures.</exception>
    public static Recipe Of(IReadOnlyDictionary<string, StoredTensorShape> tensors, ImportSettings settings)
    {
        (int _, int embedding) = MatrixOf(tensors, LayerNames.Table);
        int[] positions =
        [
            .. tensors.Keys.Select(name => ListedWeight().Match(name)).Where(match => match.Success).Select(PositionOf).Order(),
        ];
        bool isListed = positions.Length > 0;
        string[] weights = isListed ? [.. positions.Select(position => $"layers.{position}.weight")] : ["W1", "W2"];
        (int Inputs, int Outputs)[] linears = [.. weights.Select(weight => MatrixOf(tensors, weight))];
        if (linears.Length < 2)
        {
            throw new FormatException($"it has no linear layer but {weights[0]}");
        }
        if (linears[0].Inputs % embedding != 0)
        {
            throw new FormatException(
                $"its tensor {weights[0]} has {linears[0].Inputs} rows, and C has rows of {embedding} values, of which a context is a "
                + $"multiple: weights are [in, out], and those of torch.nn.Linear must be transposed");
        }
        Normalization? normalization = isListed ? Listed(tensors, positions[0] + 1, settings) : Single(tensors, settings);
        int activations = isListed ? positions[1] - positions[0] - (normalization is null ? 1 : 2) : 1;
        bool normalizesLogits = isListed && tensors.ContainsKey($"layers.{positions[^1] + 1}.gamma");
        Recipe recipe = settings.Recipe ?? Recipe.Named(NameOf(isListed, normalization, activations > 0));
        return recipe with
        {
            Context = linears[0].Inputs / embedding,
            Embedding = embedding,
            Hidden = [.. linears[..^1].Select(linear => linear.Outputs)],
            HiddenBias = HasBias(0) ? recipe.HiddenBias ?? Draw.Constant(0) : null,
            OutputBias = HasBias(linears.Length - 1) ? recipe.OutputBias ?? Draw.Constant(0) : null,
            Activation = settings.Activation ?? (activations == 0 ? Activation.None
                : isListed && recipe.Activation == Activation.None ? Activation.Tanh : recipe.Activation),
            Normalization = normalization is null ? null : normalization with
            {
                Epsilon = settings.Epsilon ?? (recipe.Normalization ?? normalization).Epsilon,
            },
            OutputGain = normalizesLogits ? recipe.OutputGain ?? Draw.Constant(0.1) : null,
        };

        bool HasBias(int linear) => tensors.ContainsKey(isListed ? $"layers.{positions[linear]}.bias" : $"b{linear + 1}");
    }

    static string NameOf(bool isListed, Normalization? normalization, bool hasActivation) => (isListed, normalization) switch
    {
        (true, not null) => "deep-batchnorm",
        (true, null) => hasActivation ? "deep-tanh" : "deep-linear",
        (false, null) => "kaiming",
        (false, { RunningStatistic: RunningStatistic.StandardDeviation }) => "batchnorm",
        (false, _) => "backprop",
    };

    static Normalization? Single(IReadOnlyDictionary<string, StoredTensorShape> tensors, ImportSettings settings) =>
        tensors.ContainsKey("bngain") ? Batch(settings, tensors.ContainsKey("bnstd_running"))
        : tensors.ContainsKey("lngain") ? OfExamples(groups: null)
        : tensors.ContainsKey("gngain") ? OfExamples(settings.Groups ?? throw new FormatException("it tells no groups: give --groups"))
        : null;

    // Layer and group normalization have the same names.
    static Normalization? Listed(IReadOnlyDictionary<string, StoredTensorShape> tensors, int position, ImportSettings settings) =>
        !tensors.ContainsKey($"layers.{position}.gamma") ? null
        : tensors.ContainsKey($"layers.{position}.running_mean") ? Batch(settings, tensors.ContainsKey($"layers.{position}.running_std"))
        : OfExamples(settings.Groups);

    static Normalization Batch(ImportSettings settings, bool keepsDeviation)
    {
        RunningStatistic statistic = keepsDeviation ? RunningStatistic.StandardDeviation : RunningStatistic.Variance;
        Normalization normalization = settings.Recipe?.Normalization
            ?? (keepsDeviation ? Recipe.Named("batchnorm").Normalization! : Normalization.Default);
        return normalization with { RunningStatistic = statistic };
    }

    static Normalization OfExamples(int? groups) => groups is { } count
        ? Normalization.Default.OfExamples(NormalizationKind.Group, count)
        : Normalization.Default.OfExamples(NormalizationKind.Layer, groups: 1);

    static (int Rows, int Columns) MatrixOf(IReadOnlyDictionary<string, StoredTensorShape> tensors, string name) =>
        !tensors.TryGetValue(name, out StoredTensorShape? tensor) ? throw new FormatException(
            $"it has no tensor {name}: the lectures' names are C, W1, W2 and so on, or C and layers.N.weight and so on")
        : tensor.Shape is [> 0, > 0] ? (tensor.Shape[0], tensor.Shape[1])
        : throw new FormatException($"its tensor {name} is [{string.Join(", ", tensor.Shape)}] and must be a matrix");

    static int PositionOf(Match match) => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"^layers\.([0-9]{1,6})\.weight$")]
    private static partial Regex ListedWeight();
}
