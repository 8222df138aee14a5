using System.Globalization;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>What a network looks like on one batch, as the lectures print and draw it.</summary>
static class InspectionSections
{
    // What is shown around the median distribution of a picture: deviations to each side, and peaks upward.
    const double ShownDeviations = 4;
    const double ShownPeaks = 3;

    // More do not fit beside a map on a phone; the text lists them.
    const int UnitsInLegend = 6;

    /// <summary>What the layers give, and what their activations are given.</summary>
    /// <param name="inspection">What was seen.</param>
    public static Section Activations(Inspection inspection)
    {
        (LayerInspection Layer, Distribution Input)[] inputs =
            [.. inspection.Layers.Where(layer => layer.Input is not null).Select(layer => (layer, layer.Input!))];
        string name = ActivationOf(inspection) is { } activation ? Format.Word(activation) : "";
        return new Section("Activations")
        {
            Text = "The outputs of each layer for one batch. Healthy layers look alike from the first to the last: a standard deviation "
                + "that shrinks or grows on the way means weights of the wrong scale."
                + (ActivationOf(inspection) is { } kind ? SaturationText(kind) : ""),
            Grid = inputs.Length == 0 ? null : new Grid(
                [$"given to {name}", "values", "mean", "std"],
                [.. inputs.Select(entry => InputRow(entry.Layer, entry.Input))]),
            Lines = [.. inspection.Layers.Select(ActivationLine)],
            Pictures =
            [
                .. inputs.Length == 0 ? (Chart[])[] :
                [
                    FittedHistograms(
                        "pre-activations", $"What {name} is given", "pre-activation",
                        inputs.Select(entry => (Legend(entry.Layer), entry.Input))),
                ],
                Histograms(
                    "activations", inputs.Length == 0 ? "What the layers give" : $"What {name} gives", "output",
                    inspection.Layers.Select(layer => (Legend(layer), layer.Output))),
            ],
        };
    }

    /// <summary>The gradients of the layers' outputs.</summary>
    /// <param name="inspection">What was seen.</param>
    public static Section Gradients(Inspection inspection) => new("Gradients")
    {
        Text = "The gradient of the loss in each layer's outputs. Its standard deviation should stay about the same from layer to layer: "
            + "where it shrinks towards the first layers they learn too slowly, where it grows too fast.",
        Lines = [.. inspection.Layers.Select(layer =>
            $"{Name(layer)}: gradient mean {Format.SignedScientific(layer.Gradient.Mean)}, "
            + $"gradient std {Format.Scientific(layer.Gradient.StandardDeviation)}")],
        Pictures =
        [
            FittedHistograms(
                "gradients", "Gradients of the layers' outputs", "gradient",
                inspection.Layers.Select(layer => (Legend(layer), layer.Gradient))),
        ],
    };

    /// <summary>The matrices of parameters.</summary>
    /// <param name="inspection">What was seen.</param>
    /// <param name="updatedRatios">For each matrix, by its name, grad:data after the update that the gradient makes.</param>
    public static Section Weights(Inspection inspection, IReadOnlyDictionary<string, double> updatedRatios) => new("Weights")
    {
        Text = "The values of each matrix, and below them its gradient. The grad:data ratio is std(gradient) / std(values): a matrix whose "
            + "ratio is far above the others' is trained faster than they are. The lecture divides by the values after the update that "
            + "this gradient makes. The axes of the pictures fit the median matrix: a broader one, and a taller peak, run out of them.",
        Grid = new Grid(
            ["weight", "mean", "std", "grad:data ratio", "after the update"],
            [
                .. inspection.Weights.Select(weight => (string[])
                [
                    weight.Name,
                    Format.SignedScientific(weight.Data.Mean),
                    Format.Scientific(weight.Data.StandardDeviation),
                    Format.Scientific(weight.GradientToData),
                    Format.Scientific(updatedRatios[weight.Name]),
                ]),
            ]),
        Lines = [.. inspection.Weights.Select(weight =>
            $"weight {Shape(weight),10} | gradient mean {Format.SignedScientific(weight.Gradient.Mean)} "
            + $"| gradient std {Format.Scientific(weight.Gradient.StandardDeviation)} | {weight.Name}")],
        Pictures =
        [
            FittedHistograms(
                "weights", "The weights", "weight",
                inspection.Weights.Select(weight => (Legend(weight), weight.Data))),
            FittedHistograms(
                "weight-gradients", "Gradients of the weights", "gradient",
                inspection.Weights.Select(weight => (Legend(weight), weight.Gradient))),
        ],
    };

    /// <summary>Where the activations are saturated; nothing for a network without them.</summary>
    /// <param name="inspection">What was seen.</param>
    public static IEnumerable<Section> SaturatedOutputs(Inspection inspection)
    {
        (int Index, Saturation Saturation)[] layers =
            [.. inspection.Layers.Where(layer => layer.Saturation is not null).Select(layer => (layer.Index, layer.Saturation!))];
        if (layers.Length == 0)
        {
            yield break;
        }
        yield return new Section("Saturation")
        {
            Text = $"White where {FlatBounds.OfDead(layers[0].Saturation.Activation).Condition}, a row for each example, a column for each "
                + "unit. A column that is white from top to bottom is a dead unit, marked in color: no example of the batch teaches it "
                + "anything.",
            Lines = [.. layers.Select(layer => string.Create(
                CultureInfo.InvariantCulture,
                $"layer {layer.Index}: {layer.Saturation.DeadUnits.Count} of {layer.Saturation.Values.GetLength(1)} units dead"
                + $"{Listed(layer.Saturation.DeadUnits)}"))],
            Pictures =
            [
                .. layers.Select(layer => SaturationMap(
                    $"saturation-{layer.Index}", $"Saturation of layer {layer.Index}", layer.Saturation)),
            ],
        };
    }

    /// <summary>The black-and-white map of saturated outputs, its dead units marked.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="saturation">The outputs.</param>
    public static ShadeMap SaturationMap(string name, string title, Saturation saturation)
    {
        var shades = new double[saturation.Values.GetLength(0), saturation.Values.GetLength(1)];
        for (int row = 0; row < shades.GetLength(0); row++)
        {
            for (int column = 0; column < shades.GetLength(1); column++)
            {
                shades[row, column] = saturation.IsStrong(row, column) ? 1 : 0;
            }
        }
        return new ShadeMap(name, title, "unit", "example", shades, Black: 0, White: 1)
        {
            Shades = [new Shade(0, "not"), new Shade(1, FlatBounds.OfDead(saturation.Activation).Condition)],
            Marked = new MarkedColumns(
                saturation.DeadUnits.Count <= UnitsInLegend
                    ? $"dead{Listed(saturation.DeadUnits)}"
                    : $"{Format.Count(saturation.DeadUnits.Count)} dead units",
                saturation.DeadUnits),
        };
    }

    /// <summary>Distributions as outlines over one axis.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="axis">What is distributed.</param>
    /// <param name="distributions">The distributions, with their names in the legend.</param>
    public static Chart Histograms(
        string name, string title, string axis, IEnumerable<(string Name, Distribution Distribution)> distributions) =>
        new(name, title, axis, "density",
            [
                .. distributions.Select(entry => Outline(entry.Name, entry.Distribution)),
            ])
        {
            Upward = new Extent(0, null),
        };

    // A broad distribution does not squash the others, nor do single values far out, nor a tall peak: they run out of the picture.
    static Chart FittedHistograms(
        string name, string title, string axis, IEnumerable<(string Name, Distribution Distribution)> distributions)
    {
        (string Name, Distribution Distribution)[] entries = [.. distributions];
        Distribution[] all = Array.ConvertAll(entries, entry => entry.Distribution);
        double middle = all.Select(distribution => distribution.Mean).Median();
        double reach = ShownDeviations * all.Select(distribution => distribution.StandardDeviation).Median();
        double[] peaks = Array.ConvertAll(all, distribution => distribution.Histogram.Densities().Max());
        double top = ShownPeaks * peaks.Median();
        return Histograms(name, title, axis, entries) with
        {
            Across = reach > 0
                ? new Extent(
                    Math.Max(middle - reach, all.Min(distribution => distribution.Histogram.Low)),
                    Math.Min(middle + reach, all.Max(distribution => distribution.Histogram.High)))
                : Extent.OfData,
            Upward = new Extent(0, peaks.Max() > top ? top : null),
        };
    }

    static Series Outline(string name, Distribution distribution) => new(
        name,
        [.. distribution.Histogram.Edges().SelectMany(edge => (double[])[edge, edge])],
        [0, .. distribution.Histogram.Densities().SelectMany(density => (double[])[density, density]), 0]);

    /// <summary>A layer as a legend names it.</summary>
    /// <param name="layer">The layer.</param>
    public static string Legend(LayerInspection layer) =>
        string.Create(CultureInfo.InvariantCulture, $"layer {layer.Index} ({layer.Kind})");

    static string Legend(WeightInspection weight) => $"{weight.Name} {Shape(weight)}";

    static string ActivationLine(LayerInspection layer)
    {
        string line = $"{Name(layer)}: mean {Format.SignedScientific(layer.Output.Mean)}, "
            + $"std {Format.Scientific(layer.Output.StandardDeviation)}";
        return layer.Saturation is { } saturation
            ? line + string.Concat(Shares(saturation).Select(share => $", {share.Condition}: {Format.Percent(share.Share, 3)}"))
            : line;
    }

    // Of relu both are the same.
    static IEnumerable<(string Condition, double Share)> Shares(Saturation saturation) =>
        new[]
        {
            (FlatBounds.Of(saturation.Activation).Condition, saturation.Share),
            (FlatBounds.OfDead(saturation.Activation).Condition, saturation.StrongShare),
        }.DistinctBy(share => share.Condition);

    static Activation? ActivationOf(Inspection inspection) =>
        inspection.Layers.Select(layer => layer.Saturation?.Activation).FirstOrDefault();

    static string SaturationText(Activation activation)
    {
        (string saturated, string dead) = (FlatBounds.Of(activation).Condition, FlatBounds.OfDead(activation).Condition);
        string where = activation == Activation.Tanh
            ? $"the lecture's table counts those with {saturated}, its map those with {dead}"
            : $"here those with {saturated}" + (dead == saturated ? "" : $", in the map those with {dead}");
        return $" Where many values of a {Format.Word(activation)} are saturated, hardly any gradient passes: {where}.";
    }

    static string[] InputRow(LayerInspection layer, Distribution input)
    {
        (int examples, int units) = (layer.Saturation!.Values.GetLength(0), layer.Saturation.Values.GetLength(1));
        return
        [
            string.Create(CultureInfo.InvariantCulture, $"layer {layer.Index}"),
            string.Create(CultureInfo.InvariantCulture, $"{examples} x {units} = {examples * units:N0}"),
            Format.SignedScientific(input.Mean),
            Format.Scientific(input.StandardDeviation),
        ];
    }

    // As the lecture prints it: layer 2 (      Tanh).
    static string Name(LayerInspection layer) => string.Create(CultureInfo.InvariantCulture, $"layer {layer.Index} ({layer.Kind,10})");

    static string Shape(WeightInspection weight) => string.Create(CultureInfo.InvariantCulture, $"({weight.Rows}, {weight.Columns})");

    static string Listed(IReadOnlyList<int> units) => units.Count switch
    {
        0 => "",
        <= 20 => ": " + string.Join(", ", units.Select(unit => unit.ToString(CultureInfo.InvariantCulture))),
        _ => "",
    };
}
