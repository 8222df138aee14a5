using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="SaturatedStart"/>.</summary>
static class SaturationPage
{
    public static Page Of(SaturatedStart result) => new($"Saturated hidden units of recipe {result.Recipe}",
    [
        Distributions(result.Recipe, result.Hidden),
        new Section("Where")
        {
            Text = "White where |t| > 0.99, a row for each example of the batch, a column for each unit. Where it is white, hardly any "
                + "gradient passes. A column that is white from top to bottom would be a dead unit: no example of the batch could change "
                + "it. " + Dead(result.Hidden.Saturation.DeadUnits.Count),
            Lines = [$"dead units: {Cells.Dead(result.Hidden.Saturation)}"],
            Pictures =
            [
                InspectionSections.SaturationMap(
                    "saturation-map", $"|t| > 0.99 in recipe {result.Recipe} before training", result.Hidden.Saturation),
            ],
        },
    ]);

    static Section Distributions(string recipe, HiddenUnits hidden) => new("Before and after tanh")
    {
        Text = "The derivative of tanh is 1 - t squared, which is near 0 where |t| is near 1, and there a gradient is as good as lost on "
            + $"its way back. Of what tanh gives here, {Format.Percent(hidden.Saturation.StrongShare)} lies within 0.01 of the two ends, "
            + $"for what goes into it has a standard deviation of {Format.Fixed(hidden.PreActivation.StandardDeviation, 2)}.",
        Grid = new Grid(
            ["", "mean", "std", "|t| > 0.97", "|t| > 0.99"],
            [
                Row("before tanh", hidden.PreActivation, "", ""),
                Row(
                    "after tanh", hidden.Activation,
                    Format.Percent(hidden.Saturation.Share), Format.Percent(hidden.Saturation.StrongShare)),
            ]),
        Pictures =
        [
            Cells.Histograms(
                "before-tanh", $"What tanh is given in recipe {recipe}", "pre-activation", [("before tanh", hidden.PreActivation)]),
            Cells.Histograms(
                "after-tanh", $"What tanh gives in recipe {recipe}", "activation", [("after tanh", hidden.Activation)]) with
            {
                Across = Cells.OfTanh,
            },
        ],
    };

    static string Dead(int units) => units == 0
        ? "There is none here: every unit has an example that lets its gradient pass. Training can still make some."
        : "Look for them among the columns.";

    static string[] Row(string name, Distribution distribution, string share, string strongShare) =>
        [name, Format.Signed(distribution.Mean, 2), Format.Fixed(distribution.StandardDeviation, 2), share, strongShare];
}
