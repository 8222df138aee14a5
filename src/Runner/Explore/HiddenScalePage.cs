using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="HiddenScale"/>.</summary>
static class HiddenScalePage
{
    public static Page Of(HiddenScale result) => new("The scale of the hidden weights",
    [
        new Section("Scales of W1")
        {
            Text = "The hidden layer before training, its weights drawn as randn times a scale. Large weights saturate tanh and stop the "
                + "gradient; small ones use only its middle, where it hardly differs from a line. The lecture first finds 0.2 by trial; "
                + "Kaiming's rule, tanh's gain 5/3 by the root of the layer's inputs, gives a scale of that size for a layer of any width.",
            Grid = new Grid(
                ["scale of W1", "std before tanh", "std after tanh", "|t| > 0.97", "|t| > 0.99", "dead units"],
                [
                    .. result.Rows.Select(row => (string[])
                    [
                        Name(row),
                        Format.Fixed(row.Hidden.PreActivation.StandardDeviation, 2),
                        Format.Fixed(row.Hidden.Activation.StandardDeviation, 2),
                        Format.Percent(row.Hidden.Saturation.Share),
                        Format.Percent(row.Hidden.Saturation.StrongShare),
                        Cells.Dead(row.Hidden.Saturation),
                    ]),
                ]),
            Pictures =
            [
                InspectionSections.Histograms(
                    "before-tanh", "What tanh is given, by the scale of W1", "pre-activation",
                    result.Rows.Select(row => (Name(row), row.Hidden.PreActivation))),
                InspectionSections.Histograms(
                    "after-tanh", "What tanh gives, by the scale of W1", "activation",
                    result.Rows.Select(row => (Name(row), row.Hidden.Activation))),
            ],
        },
    ]);

    static string Name(ScaledHidden row) => row.IsKaiming ? $"{Format.Fixed(row.Scale, 2)} (Kaiming)" : Format.Fixed(row.Scale, 2);
}
