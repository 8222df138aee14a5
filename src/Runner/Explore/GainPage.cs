using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="Gain"/>.</summary>
static class GainPage
{
    // Of outputs that fade into a peak, or pile up at the ends, the rest would be flat beside them.
    const double MaxDensity = 4;

    // Of what blows up, nobody counts the digits.
    const double Readable = 1e6;

    static readonly Dictionary<string, (string Title, string Text)> Kinds = new()
    {
        ["deep-tanh"] = (
            "With tanh",
            "Every tanh makes a signal a little smaller. At gain 1 or less it fades from layer to layer, and its gradient on the way back, "
            + "too; 5/3 makes up for it, so that all layers look alike; at 3 nearly half of the outputs are saturated. The pictures of the "
            + "outputs have the same axes, and peaks leave them at the top; gradients differ too much for that, and each picture of them "
            + "has its own."),
        ["deep-linear"] = (
            "Without tanh",
            "Nothing shrinks the signal here, and gain 1 is right: any other is multiplied up over the layers, and the network fades or "
            + "blows up. At whatever gain, five linear layers in a row are no more than one. Each picture has its own axes: mind the "
            + "numbers on them."),
        ["deep-batchnorm"] = (
            "With tanh and BatchNorm",
            "The normalization takes the scale of the weights away: outputs and gradients are the same at every gain. What is left of the "
            + "gain is the size of the weights themselves, beside which each update is larger or smaller."),
    };

    public static Page Of(Gain result) => new(
        "The gain of a deep network's weights",
        [.. result.Networks.GroupBy(network => network.Recipe).Select(networks => Kind(result.Steps, networks.Key, [.. networks]))]);

    static Section Kind(int steps, string recipe, GainedNetwork[] networks) => new($"{Kinds[recipe].Title}: recipe {recipe}")
    {
        Text = Kinds[recipe].Text,
        Grid = new Grid(
            [
                "gain", "std, first layer", "std, last layer", "gradient std, first", "gradient std, last",
                "saturated, first", "saturated, last", Cells.FinalLossHeading(steps),
            ],
            [.. networks.Select(network => Row(network, network.Layers[0], network.Layers[^1]))]),
        Pictures = [.. Outputs(networks), .. networks.Select(network => Drawn(network, "gradients", layer => layer.Gradient))],
    };

    // What tanh gives is compared; without tanh, a gain spreads it over a thousand times as much as another.
    static Chart[] Outputs(GainedNetwork[] networks)
    {
        Chart[] charts = [.. networks.Select(network => Drawn(network, "outputs", layer => layer.Output))];
        return networks[0].Layers[0].Saturation is null ? charts : Cells.SameDensities(charts, Cells.OfTanh, MaxDensity);
    }

    static Chart Drawn(GainedNetwork network, string what, Func<LayerInspection, Distribution> distribution) => Cells.Histograms(
        $"{network.Recipe}-{what}-gain-{Format.Factor(network.Gain).Replace('/', '-')}",
        $"Recipe {network.Recipe}, gain {Format.Factor(network.Gain)}: {what} of the layers", what[..^1],
        network.Layers.Select(layer => (InspectionSections.Legend(layer), distribution(layer))));

    static string[] Row(GainedNetwork network, LayerInspection first, LayerInspection last) =>
    [
        Format.Factor(network.Gain),
        Deviation(first.Output),
        Deviation(last.Output),
        Format.Scientific(first.Gradient.StandardDeviation),
        Format.Scientific(last.Gradient.StandardDeviation),
        Cells.Saturated(first),
        Cells.Saturated(last),
        Cells.FinalLoss(network.Training),
    ];

    static string Deviation(Distribution output) =>
        output.StandardDeviation < Readable ? Format.Fixed(output.StandardDeviation, 2) : Format.Scientific(output.StandardDeviation);
}
