using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that change the normalization of a recipe.</summary>
static class NormalizationOptions
{
    const string None = "none";

    static readonly Option<string?> Kind = new("--normalization")
    {
        Description = "normalize after each hidden layer: each feature over the batch, or each example over all its features or over those "
            + "of each of G groups; where the recipe normalizes the logits, these too, and none drops both; as the recipe has it",
        HelpName = $"batch|layer|group:G|{None}",
    };

    static readonly Option<VarianceEstimator?> Variance = CommonOptions.Choice<VarianceEstimator>(
        "--bn-variance", "what BatchNorm divides the squared differences of a batch by: unbiased N-1, biased N");

    static readonly Option<double?> Epsilon = CommonOptions.Number<double>(
        "--bn-epsilon", "what a normalization adds to the variance, or BatchNorm to the standard deviation");

    static readonly Option<EpsilonTarget?> EpsilonOn = CommonOptions.Choice<EpsilonTarget>(
        "--bn-epsilon-on", "what it adds epsilon to: 1 / sqrt(variance + epsilon), or 1 / (deviation + epsilon)");

    static readonly Option<double?> Momentum = CommonOptions.Number<double>(
        "--bn-momentum", "m in running = (1 - m) · running + m · batch, of BatchNorm's running statistics");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Kind, Variance, Epsilon, EpsilonOn, Momentum];

    /// <summary>A recipe with the normalization that was asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="InvalidRequestException">
    /// There is no such normalization, or a setting was given that the normalization does not have.
    /// </exception>
    public static Recipe Resolve(ParseResult parsed, Recipe recipe)
    {
        string? asked = parsed.GetValue(Kind);
        Normalization? normalization = asked is null ? recipe.Normalization : Named(asked, recipe.Normalization ?? Normalization.Default);
        Option[] others = normalization switch
        {
            null => [Variance, Epsilon, EpsilonOn, Momentum],
            { Kind: NormalizationKind.Batch } => [],
            _ => [Variance, EpsilonOn, Momentum],
        };
        if (parsed.FirstGiven(others) is { } given)
        {
            throw new InvalidRequestException(
                $"{given.Name} is for BatchNorm, which {(asked is null ? $"recipe {recipe.Name}" : $"{Kind.Name} {asked}")} does not have");
        }
        return recipe with
        {
            Normalization = normalization is null ? null : normalization with
            {
                Variance = parsed.GetValue(Variance) ?? normalization.Variance,
                Epsilon = parsed.GetValue(Epsilon) ?? normalization.Epsilon,
                EpsilonOn = parsed.GetValue(EpsilonOn) ?? normalization.EpsilonOn,
                Momentum = parsed.GetValue(Momentum) ?? normalization.Momentum,
            },
            OutputGain = normalization is null ? null : recipe.OutputGain,
        };
    }

    static Normalization? Named(string name, Normalization batch) => name.ToLowerInvariant().Split(':') switch
    {
        [None] => null,
        ["batch"] => batch,
        ["layer"] => batch.OfExamples(NormalizationKind.Layer, groups: 1),
        ["group", var number] when int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out int groups) =>
            batch.OfExamples(NormalizationKind.Group, groups),
        _ => throw new InvalidRequestException($"{Kind.Name} is '{name}' and must be batch, layer, group:G with a number G, or {None}"),
    };
}
