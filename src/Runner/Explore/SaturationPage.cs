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
        Distributions(result.Hidden),
        new Section("Where")
        {
            Text = "White where |t| > 0.99, a row for each example of the batch, a column for each unit. In a white place no gradient "
                + "passes. A column that is white from top to bottom is a dead unit: no example of the batch can change it.",
            Lines = [$"dead units: {Cells.Dead(result.Hidden.Saturation)}"],
            Pictures = [InspectionSections.SaturationMap("saturation-map", "|t| > 0.99", result.Hidden.Saturation)],
        },
    ]);

    static Section Distributions(HiddenUnits hidden) => new("Before and after tanh")
    {
        Text = "The derivative of tanh is 1 - t squared, which is near 0 where |t| is near 1. What goes into tanh here is so broad that "
            + "most of what comes out lies at the two ends, where a gradient is as good as lost on its way back.",
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
            InspectionSections.Histograms("before-tanh", "What tanh is given", "pre-activation", [("before tanh", hidden.PreActivation)]),
            InspectionSections.Histograms("after-tanh", "What tanh gives", "activation", [("after tanh", hidden.Activation)]),
        ],
    };

    static string[] Row(string name, Distribution distribution, string share, string strongShare) =>
        [name, Format.Signed(distribution.Mean, 2), Format.Fixed(distribution.StandardDeviation, 2), share, strongShare];
}
