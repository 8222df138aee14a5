using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="HiddenScale"/>.</summary>
static class HiddenScalePage
{
    public static Page Of(HiddenScale result)
    {
        IGrouping<string, ScaledHidden>[] recipes = [.. result.Rows.GroupBy(row => row.Recipe)];
        return new Page("The scale of the hidden weights",
        [
            new Section("Scales of W1")
            {
                Text = "The hidden layer before training, its weights drawn as randn times a scale. Large weights saturate tanh and stop "
                    + "the gradient; small ones use only its middle, where it hardly differs from a line. The bias counts, too: at full "
                    + "size, as recipe small-logits draws it, it saturates some units whatever the weights; recipe scaled-hidden draws a "
                    + "hundredth of it. The lecture first finds 0.2 by trial; Kaiming's rule, tanh's gain 5/3 by the root of the layer's "
                    + "inputs, gives a scale of that size for a layer of any width.",
                Grid = new Grid(
                    ["W1 times", "b1 times", "std before tanh", "std after tanh", "|t| > 0.97", "|t| > 0.99", "dead units"],
                    [
                        .. result.Rows.Select(row => (string[])
                        [
                            Name(row),
                            Format.Factor(row.BiasScale),
                            Format.Fixed(row.Hidden.PreActivation.StandardDeviation, 2),
                            Format.Fixed(row.Hidden.Activation.StandardDeviation, 2),
                            Format.Percent(row.Hidden.Saturation.Share),
                            Format.Percent(row.Hidden.Saturation.StrongShare),
                            Cells.Dead(row.Hidden.Saturation),
                        ]),
                    ]),
                Pictures =
                [
                    .. Cells.SameDensities(
                        [.. recipes.Select(rows => Drawn("before-tanh", "What tanh is given", "pre-activation", rows, Before))]),
                    .. Cells.SameDensities(
                        [.. recipes.Select(rows => Drawn("after-tanh", "What tanh gives", "activation", rows, After))], Cells.OfTanh),
                ],
            },
        ]);
    }

    static Distribution Before(ScaledHidden row) => row.Hidden.PreActivation;

    static Distribution After(ScaledHidden row) => row.Hidden.Activation;

    static Chart Drawn(
        string name, string title, string axis, IGrouping<string, ScaledHidden> rows, Func<ScaledHidden, Distribution> distribution) =>
        Cells.Histograms(
            $"{name}-{rows.Key}",
            $"{title} in recipe {rows.Key}, by the scale of W1; b1 times {Format.Factor(rows.First().BiasScale)}",
            axis,
            rows.Select(row => (Name(row), distribution(row))));

    static string Name(ScaledHidden row) => row.IsKaiming ? $"{Format.Fixed(row.Scale, 4)} (Kaiming)" : Format.Factor(row.Scale);
}
