using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="Gain"/>.</summary>
static class GainPage
{
    static readonly Dictionary<string, (string Title, string Text)> Kinds = new()
    {
        ["deep-tanh"] = (
            "With tanh",
            "Every tanh makes a signal a little smaller. At gain 1 or less it fades from layer to layer, and its gradient on the way back, "
            + "too; 5/3 makes up for it, so that all layers look alike; at 3 most outputs are saturated."),
        ["deep-linear"] = (
            "Without tanh",
            "Nothing shrinks the signal here, and gain 1 is right: any other is multiplied up over the layers, and the network fades or "
            + "blows up. At whatever gain, five linear layers in a row are no more than one."),
        ["deep-batchnorm"] = (
            "With tanh and BatchNorm",
            "The normalization takes the scale of the weights away: outputs and gradients are the same at every gain. What is left of the "
            + "gain is the size of the weights themselves, beside which each update is larger or smaller."),
    };

    public static Page Of(Gain result) => new(
        "The gain of a deep network's weights",
        [.. Gain.Recipes.Select(recipe => Kind(result, Kinds[recipe], [.. result.Networks.Where(network => network.Recipe == recipe)]))]);

    static Section Kind(Gain result, (string Title, string Text) kind, GainedNetwork[] networks) => new(kind.Title)
    {
        Text = kind.Text,
        Grid = new Grid(
            [
                "gain", "std, first layer", "std, last layer", "gradient std, first", "gradient std, last",
                "saturated, first", "saturated, last", $"loss after {Format.Count(result.Steps)} steps",
            ],
            [.. networks.Select(network => Row(network, network.Layers[0], network.Layers[^1]))]),
        Pictures =
        [
            .. networks.Select(network => InspectionSections.Histograms(
                $"{network.Recipe}-gain-{Format.Fixed(network.Gain, 2)}", $"{kind.Title}, gain {Format.Fixed(network.Gain, 2)}", "output",
                network.Layers.Select(layer => (InspectionSections.Legend(layer), layer.Output)))),
        ],
    };

    static string[] Row(GainedNetwork network, LayerInspection first, LayerInspection last) =>
    [
        Format.Fixed(network.Gain, 2),
        Format.Fixed(first.Output.StandardDeviation, 2),
        Format.Fixed(last.Output.StandardDeviation, 2),
        Format.Scientific(first.Gradient.StandardDeviation),
        Format.Scientific(last.Gradient.StandardDeviation),
        Cells.Saturated(first),
        Cells.Saturated(last),
        Cells.FinalLoss(network.Training),
    ];
}
