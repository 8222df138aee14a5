using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="UnscaledInit"/>.</summary>
static class UnscaledInitPage
{
    public static Page Of(UnscaledInit result) => new($"Weights without a scale in recipe {result.Recipe}",
    [
        new Section("Outputs")
        {
            Text = $"Recipe {result.Recipe} at its start, its weights divided by the root of the fan-in, and not. "
                + (result.IsNormalized
                    ? "The outputs are the same: BatchNorm takes any scale away, and by them alone one would think that all is well."
                    : "Nothing takes the scale away: the outputs grow with the weights, until tanh, where there is one, holds them at its "
                        + "two ends."),
            Grid = new Grid(
                [
                    "layer", "std, scaled", "std, unscaled", "saturated, scaled", "saturated, unscaled",
                    "gradient std, scaled", "gradient std, unscaled",
                ],
                [
                    .. result.Scaled.Layers.Zip(result.Unscaled.Layers, (scaled, unscaled) => (string[])
                    [
                        InspectionSections.Legend(scaled),
                        Format.Fixed(scaled.Output.StandardDeviation, 2),
                        Format.Fixed(unscaled.Output.StandardDeviation, 2),
                        Cells.Saturated(scaled),
                        Cells.Saturated(unscaled),
                        Format.Scientific(scaled.Gradient.StandardDeviation),
                        Format.Scientific(unscaled.Gradient.StandardDeviation),
                    ]),
                ]),
        },
        new Section("Updates")
        {
            Text = result.IsNormalized
                ? "log10 of update:data for each matrix tells otherwise. Weights that are ten times as large have a gradient a tenth as "
                    + "large, and so the same learning rate moves them a hundred times less beside their size. The table C has no fan-in "
                    + "and goes on as before: beside the layers it now learns far too fast, and no one learning rate suits both."
                : "log10 of update:data for each matrix. The matrices no longer learn at the same pace, and no one learning rate suits "
                    + "them.",
            Grid = new Grid(
                [
                    "matrix", "step 0, scaled", "step 0, unscaled",
                    $"{Cells.FinalSteps(result.Steps)}, scaled", $"{Cells.FinalSteps(result.Steps)}, unscaled",
                ],
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
                        "loss",
                        Format.Loss(result.Scaled.Updates.Training.FirstLoss), Format.Loss(result.Unscaled.Updates.Training.FirstLoss),
                        Cells.FinalLoss(result.Scaled.Updates.Training), Cells.FinalLoss(result.Unscaled.Updates.Training),
                    ],
                ]),
            Pictures =
            [
                .. Cells.SameAxes(
                [
                    Cells.Updates(
                        "updates-scaled", $"Recipe {result.Recipe}, weights divided by the root of the fan-in", result.Scaled.Updates),
                    Cells.Updates("updates-unscaled", $"Recipe {result.Recipe}, weights not divided", result.Unscaled.Updates),
                ]),
            ],
        },
    ]);
}
