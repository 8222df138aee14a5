using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="FanIn"/>.</summary>
static class FanInPage
{
    // Of x: what is broader than that leaves the pictures, which would show nothing of the others.
    const double ShownDeviations = 10;

    public static Page Of(FanIn result) => new("The fan-in of a linear layer",
    [
        new Section($"x [{FanIn.Examples}, {result.Inputs}] times W [{result.Inputs}, {FanIn.Outputs}]")
        {
            Text = $"Each output is a sum over the {result.Inputs} inputs, and so its standard deviation is that of x times that of W "
                + $"times sqrt({result.Inputs}) = {Format.Fixed(Math.Sqrt(result.Inputs), 4)}; its mean stays near 0. Weights as randn "
                + "gives them make the outputs broader than the inputs, layer after layer. Weights divided by the root of the fan-in keep "
                + "the size.",
            Grid = new Grid(
                ["W = randn times", "mean of x", "std of x", "mean of W", "std of W", "mean of x·W", "std of x·W", "expected std"],
                [
                    .. result.Rows.Select(row => (string[])
                    [
                        Name(result, row),
                        Format.Signed(result.Input.Mean, 4),
                        Format.Fixed(result.Input.StandardDeviation, 4),
                        Format.Signed(row.Weight.Mean, 4),
                        Format.Fixed(row.Weight.StandardDeviation, 4),
                        Format.Signed(row.Output.Mean, 4),
                        Format.Fixed(row.Output.StandardDeviation, 4),
                        Format.Fixed(row.Expected, 4),
                    ]),
                ]),
            Pictures =
            [
                .. Cells.SameDensities(
                    [
                        .. result.Rows.Select((row, i) => Cells.Histograms(
                            $"product-{i + 1}", $"x and x·W, W = randn times {Name(result, row)}", "value",
                            [("x", result.Input), ("x·W", row.Output)])),
                    ],
                    new Extent(
                        -ShownDeviations * result.Input.StandardDeviation, ShownDeviations * result.Input.StandardDeviation)),
            ],
        },
    ]);

    static string Name(FanIn result, ScaledProduct row) => row.IsByFanIn ? $"1/sqrt({result.Inputs})" : Format.Factor(row.Scale);
}
