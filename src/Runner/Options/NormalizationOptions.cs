using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that change the normalization of a recipe.</summary>
static class NormalizationOptions
{
    static readonly Option<VarianceEstimator?> Variance = CommonOptions.Choice<VarianceEstimator>(
        "--bn-variance", "what BatchNorm divides the squared differences of a batch by: unbiased N-1, biased N");

    static readonly Option<double?> Epsilon = CommonOptions.Number<double>(
        "--bn-epsilon", "what BatchNorm adds to the variance, or to the standard deviation");

    static readonly Option<EpsilonTarget?> EpsilonOn = CommonOptions.Choice<EpsilonTarget>(
        "--bn-epsilon-on", "what it adds epsilon to: 1 / sqrt(variance + epsilon), or 1 / (deviation + epsilon)");

    static readonly Option<double?> Momentum = CommonOptions.Number<double>(
        "--bn-momentum", "m in running = (1 - m) · running + m · batch, of BatchNorm's running statistics");

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Variance, Epsilon, EpsilonOn, Momentum];

    /// <summary>The normalization of a recipe, with the settings that were asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="InvalidRequestException">A setting was given, and there is no normalization.</exception>
    public static Normalization? Resolve(ParseResult parsed, Recipe recipe)
    {
        if (recipe.Normalization is not { } normalization)
        {
            return parsed.FirstGiven(All) is { } given
                ? throw new InvalidRequestException($"{given.Name} is for BatchNorm, which recipe {recipe.Name} does not have")
                : null;
        }
        return normalization with
        {
            Variance = parsed.GetValue(Variance) ?? normalization.Variance,
            Epsilon = parsed.GetValue(Epsilon) ?? normalization.Epsilon,
            EpsilonOn = parsed.GetValue(EpsilonOn) ?? normalization.EpsilonOn,
            Momentum = parsed.GetValue(Momentum) ?? normalization.Momentum,
        };
    }
}
