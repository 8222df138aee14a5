using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that say how weights and biases are drawn, and how they are kept small.</summary>
static class WeightOptions
{
    const string NoBias = "none";

    static readonly Option<double?> Gain = CommonOptions.Number<double>(
        "--gain", "draw the hidden layers' weights as randn · N / sqrt(inputs of the layer)");

    static readonly Option<double?> HiddenScale = CommonOptions.Number<double>(
        "--hidden-scale", "draw the hidden layers' weights as randn · N, whatever their inputs");

    static readonly Option<string?> HiddenBias = Bias("--hidden-bias", "the hidden layers' biases");

    static readonly Option<double?> OutputGain = CommonOptions.Number<double>(
        "--output-gain", "draw the last layer's weights as randn · N / sqrt(inputs of the layer)");

    static readonly Option<double?> OutputScale = CommonOptions.Number<double>(
        "--output-scale", "the factor of the last layer's weights; where the logits are normalized, the gain of that normalization");

    static readonly Option<string?> OutputBias = Bias("--output-bias", "the last layer's bias");

    static readonly Option<string?> L2 = new("--l2")
    {
        Description = "add coefficient · mean(w²) of each tensor w that is named to the loss of training, such as C=0.1,W1=0.01,b1=0.01; "
            + "in networks of several layers the names are layers.0.weight and so on",
        HelpName = "NAME=N[,NAME=N...]",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } = [Gain, HiddenScale, HiddenBias, OutputGain, OutputScale, OutputBias, L2];

    /// <summary>A recipe with the settings that were asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="recipe">The recipe.</param>
    /// <exception cref="InvalidRequestException">A setting cannot be.</exception>
    public static Recipe Resolve(ParseResult parsed, Recipe recipe)
    {
        recipe = recipe with
        {
            HiddenWeight = (parsed.GetValue(Gain), parsed.GetValue(HiddenScale)) switch
            {
                (null, null) => recipe.HiddenWeight,
                ({ } gain, null) => new Draw(gain, ByFanIn: true),
                (null, { } scale) => new Draw(scale),
                _ => throw new InvalidRequestException(
                    "--gain and --hidden-scale both say how the hidden weights are drawn: give one of them"),
            },
            HiddenBias = ResolveBias(parsed, HiddenBias, recipe.HiddenBias),
            OutputBias = ResolveBias(parsed, OutputBias, recipe.OutputBias),
            L2 = parsed.GetValue(L2) is { } l2 ? ParseL2(l2) : recipe.L2,
        };
        return (parsed.GetValue(OutputGain), parsed.GetValue(OutputScale)) switch
        {
            ({ }, { }) when recipe.OutputGain is null => throw new InvalidRequestException(
                "--output-gain and --output-scale both say how the last weights are drawn: give one of them"),
            (var gain, var scale) => WithOutput(recipe, gain, scale),
        };
    }

    static Recipe WithOutput(Recipe recipe, double? gain, double? scale)
    {
        recipe = gain is { } byFanIn ? recipe with { OutputWeight = new Draw(byFanIn, ByFanIn: true) } : recipe;
        return scale is { } factor ? recipe.WithOutputScale(factor) : recipe;
    }

    static Option<string?> Bias(string name, string what) => new(name)
    {
        Description = $"draw {what} as randn · N; 0 for zeros, {NoBias} for no bias",
        HelpName = $"N|{NoBias}",
    };

    // The number of random numbers that a recipe draws for a bias stays: with 0, too, its batches are the same.
    static Draw? ResolveBias(ParseResult parsed, Option<string?> option, Draw? bias) => parsed.GetValue(option) switch
    {
        null => bias,
        NoBias => null,
        var text when double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double scale) =>
            scale == 0 && bias is null or { IsConstant: true } ? Draw.Constant(0) : new Draw(scale),
        var text => throw new InvalidRequestException($"{option.Name} is '{text}' and must be a number or {NoBias}"),
    };

    static ImmutableSortedDictionary<string, double> ParseL2(string text)
    {
        ImmutableSortedDictionary<string, double>.Builder coefficients = ImmutableSortedDictionary.CreateBuilder<string, double>(
            StringComparer.Ordinal);
        foreach (string term in text.Split(','))
        {
            bool isTerm = term.Split('=') is [var tensor, var number]
                && double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double coefficient)
                && coefficients.TryAdd(tensor.Trim(), coefficient);
            if (!isTerm)
            {
                throw new InvalidRequestException(
                    $"--l2 is '{text}' and must name each tensor once, with its coefficient, such as C=0.1,W1=0.01");
            }
        }
        return coefficients.ToImmutable();
    }
}
