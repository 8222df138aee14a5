using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>What a network looks like on one batch, as the lectures print and draw it.</summary>
static class InspectionSections
{
    /// <summary>The outputs of the layers.</summary>
    /// <param name="inspection">What was seen.</param>
    public static Section Activations(Inspection inspection) => new("Activations")
    {
        Text = "The outputs of each layer for one batch. Healthy layers look alike from the first to the last: a standard deviation that "
            + "shrinks or grows on the way means weights of the wrong scale. Where many outputs of a tanh are saturated, hardly any "
            + "gradient passes.",
        Lines = [.. inspection.Layers.Select(ActivationLine)],
        Pictures =
        [
            Histograms(
                "activations", "Distribution of the layers' outputs", "output",
                inspection.Layers.Select(layer => (Legend(layer), layer.Output))),
        ],
    };

    /// <summary>The gradients of the layers' outputs.</summary>
    /// <param name="inspection">What was seen.</param>
    public static Section Gradients(Inspection inspection) => new("Gradients")
    {
        Text = "The gradient of the loss in each layer's outputs. Its standard deviation should stay about the same from layer to layer: "
            + "where it shrinks towards the first layers they learn too slowly, where it grows too fast.",
        Lines = [.. inspection.Layers.Select(layer =>
            $"{Name(layer)}: mean {Format.Signed(layer.Gradient.Mean, 6)}, std {Format.Scientific(layer.Gradient.StandardDeviation)}")],
        Pictures =
        [
            Histograms(
                "gradients", "Distribution of the gradients of the layers' outputs", "gradient",
                inspection.Layers.Select(layer => (Legend(layer), layer.Gradient))),
        ],
    };

    /// <summary>The matrices of parameters.</summary>
    /// <param name="inspection">What was seen.</param>
    public static Section Weights(Inspection inspection) => new("Weights")
    {
        Text = "The values of each matrix, and below them its gradient, and how large that is beside the values. A matrix whose grad:data "
            + "ratio is far above the others' is trained faster than they are.",
        Lines = [.. inspection.Weights.Select(weight =>
            $"weight {Shape(weight),10} | mean {Format.Signed(weight.Gradient.Mean, 6)} "
            + $"| std {Format.Scientific(weight.Gradient.StandardDeviation)} "
            + $"| grad:data ratio {Format.Scientific(weight.GradientToData)} | {weight.Name}")],
        Grid = new Grid(
            ["weight", "mean", "std"],
            [.. inspection.Weights.Select(weight => (string[])
                [weight.Name, Format.Signed(weight.Data.Mean, 6), Format.Scientific(weight.Data.StandardDeviation)])]),
        Pictures =
        [
            Histograms(
                "weights", "Distribution of the weights", "weight",
                inspection.Weights.Select(weight => (Legend(weight), weight.Data))),
            Histograms(
                "weight-gradients", "Distribution of the weights' gradients", "gradient",
                inspection.Weights.Select(weight => (Legend(weight), weight.Gradient))),
        ],
    };

    /// <summary>Where the outputs of tanh are saturated; nothing for a network without tanh.</summary>
    /// <param name="inspection">What was seen.</param>
    public static IEnumerable<Section> Saturation(Inspection inspection)
    {
        (int Index, Saturation Saturation)[] layers =
            [.. inspection.Layers.Where(layer => layer.Saturation is not null).Select(layer => (layer.Index, layer.Saturation!))];
        if (layers.Length == 0)
        {
            yield break;
        }
        yield return new Section("Saturation")
        {
            Text = "White where |t| > 0.99, a row for each example, a column for each unit. A column that is white from top to bottom is a "
                + "dead unit: no example of the batch teaches it anything.",
            Lines = [.. layers.Select(layer => string.Create(
                CultureInfo.InvariantCulture,
                $"layer {layer.Index}: {layer.Saturation.DeadUnits.Count} of {layer.Saturation.Values.GetLength(1)} units dead"
                + $"{Listed(layer.Saturation.DeadUnits)}"))],
            Pictures =
            [
                .. layers.Select(layer => SaturationMap(
                    $"saturation-{layer.Index}", $"Layer {layer.Index}: |t| > 0.99", layer.Saturation)),
            ],
        };
    }

    /// <summary>The black-and-white map of saturated outputs.</summary>
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
        return new ShadeMap(name, title, "unit", "example", shades, Black: 0, White: 1);
    }

    /// <summary>Distributions as lines over one axis.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="axis">What is distributed.</param>
    /// <param name="distributions">The distributions, with their names in the legend.</param>
    public static Chart Histograms(
        string name, string title, string axis, IEnumerable<(string Name, Distribution Distribution)> distributions) =>
        new(name, title, axis, "density",
            [
                .. distributions.Select(entry => new Series(
                    entry.Name, entry.Distribution.Histogram.Centers(), entry.Distribution.Histogram.Densities())),
            ]);

    /// <summary>A layer as a legend names it.</summary>
    /// <param name="layer">The layer.</param>
    public static string Legend(LayerInspection layer) =>
        string.Create(CultureInfo.InvariantCulture, $"layer {layer.Index} ({layer.Kind})");

    static string Legend(WeightInspection weight) => $"{weight.Name} {Shape(weight)}";

    static string ActivationLine(LayerInspection layer)
    {
        string line = $"{Name(layer)}: mean {Format.Signed(layer.Output.Mean, 2)}, std {Format.Fixed(layer.Output.StandardDeviation, 2)}";
        return layer.Saturation is { } saturation
            ? $"{line}, saturated: {Format.Percent(saturation.Share)}, above 0.99: {Format.Percent(saturation.StrongShare)}"
            : line;
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
