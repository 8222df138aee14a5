using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="UnscaledInit"/>.</summary>
static class UnscaledInitPage
{
    public static Page Of(UnscaledInit result) => new("Weights without a scale under BatchNorm",
    [
        new Section("Outputs")
        {
            Text = "Recipe deep-batchnorm at its start, its weights divided by the root of the fan-in, and as randn gives them. The "
                + "outputs are the same: BatchNorm takes any scale away, and by them alone one would think that all is well.",
            Grid = new Grid(
                ["layer", "std, scaled", "std, unscaled", "gradient std, scaled", "gradient std, unscaled"],
                [
                    .. result.Scaled.Layers.Zip(result.Unscaled.Layers, (scaled, unscaled) => (string[])
                    [
                        InspectionSections.Legend(scaled),
                        Format.Fixed(scaled.Output.StandardDeviation, 2),
                        Format.Fixed(unscaled.Output.StandardDeviation, 2),
                        Format.Scientific(scaled.Gradient.StandardDeviation),
                        Format.Scientific(unscaled.Gradient.StandardDeviation),
                    ]),
                ]),
        },
        new Section("Updates")
        {
            Text = "log10 of update:data for each matrix tells otherwise. Weights that are ten times as large have a gradient a tenth as "
                + "large, and so the same learning rate moves them a hundred times less beside their size. The table C has no fan-in and "
                + "goes on as before: beside the layers it now learns far too fast, and no one learning rate suits both.",
            Grid = new Grid(
                ["matrix", "first step, scaled", "first step, unscaled", "in the end, scaled", "in the end, unscaled"],
                [
                    .. result.Scaled.Updates.Matrices.Select((matrix, i) => (string[])
                    [
                        matrix,
                        Format.Signed(result.Scaled.Updates.Ratios[i][0], 2),
                        Format.Signed(result.Unscaled.Updates.Ratios[i][0], 2),
                        Format.Signed(result.Scaled.Updates.FinalRatios[i], 2),
                        Format.Signed(result.Unscaled.Updates.FinalRatios[i], 2),
                    ]),
                    [
                        $"loss after {Format.Count(result.Steps)} steps", "", "",
                        Cells.FinalLoss(result.Scaled.Updates.Training), Cells.FinalLoss(result.Unscaled.Updates.Training),
                    ],
                ]),
            Pictures =
            [
                Cells.Updates("updates-scaled", "Update to data, weights divided by the root of the fan-in", result.Scaled.Updates),
                Cells.Updates("updates-unscaled", "Update to data, weights as drawn", result.Unscaled.Updates),
            ],
        },
    ]);
}
