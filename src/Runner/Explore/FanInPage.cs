using System.Globalization;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="FanIn"/>.</summary>
static class FanInPage
{
    public static Page Of(FanIn result) => new("The fan-in of a linear layer",
    [
        new Section($"x [{FanIn.Examples}, {FanIn.Inputs}] times W [{FanIn.Inputs}, {FanIn.Outputs}]")
        {
            Text = $"Each output is a sum over the {FanIn.Inputs} inputs, and so its standard deviation is that of x times that of W times "
                + $"sqrt({FanIn.Inputs}): weights as randn gives them make the outputs broader than the inputs, layer after layer. Weights "
                + "divided by the root of the fan-in keep the size.",
            Grid = new Grid(
                ["W = randn times", "std of x", "std of W", "std of x·W", "expected"],
                [
                    .. result.Rows.Select(row => (string[])
                    [
                        Name(row),
                        Format.Fixed(result.Input.StandardDeviation, 4),
                        Format.Fixed(row.Weight.StandardDeviation, 4),
                        Format.Fixed(row.Output.StandardDeviation, 4),
                        Format.Fixed(row.Expected, 4),
                    ]),
                ]),
            Pictures =
            [
                .. result.Rows.Select((row, i) => InspectionSections.Histograms(
                    $"product-{i + 1}", $"x and x·W, W = randn times {Name(row)}", "value", [("x", result.Input), ("x·W", row.Output)])),
            ],
        },
    ]);

    static string Name(ScaledProduct row) =>
        row.IsByFanIn ? $"1/sqrt({FanIn.Inputs})" : row.Scale.ToString(CultureInfo.InvariantCulture);
}
