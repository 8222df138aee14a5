using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="BiasBeforeBatchNorm"/>.</summary>
static class BiasBeforeBatchNormPage
{
    public static Page Of(BiasBeforeBatchNorm result) => new($"A bias before BatchNorm in recipe {BiasBeforeBatchNorm.Recipe}",
    [
        new Section("Gradients of one batch")
        {
            Text = "b1 is added to each hidden unit, the same number for every example; then BatchNorm subtracts the mean over the batch, "
                + "and with it that number. Whatever b1 is, the loss is the same, and so its gradient is 0: what is left is the rounding "
                + "of 32-bit numbers. The bias of BatchNorm itself, bnbias, does its work, and a layer before BatchNorm needs none.",
            Grid = new Grid(
                ["parameter", "shape", "largest |gradient|", "mean |gradient|"],
                [
                    .. result.Gradients.Select(gradient => (string[])
                    [
                        gradient.Name,
                        $"({string.Join(", ", gradient.Shape)})",
                        Format.Scientific(gradient.Largest),
                        Format.Scientific(gradient.Mean),
                    ]),
                ]),
            Pictures =
            [
                new Chart(
                    "bias-gradients", $"Gradients of the two biases of each hidden unit in recipe {BiasBeforeBatchNorm.Recipe}",
                    "unit", "log10 of |gradient|",
                    [
                        Points(result, BiasBeforeBatchNorm.BiasAfter, "after BatchNorm"),
                        Points(result, BiasBeforeBatchNorm.BiasBefore, "before BatchNorm"),
                    ]),
            ],
        },
    ]);

    static Series Points(BiasBeforeBatchNorm result, string name, string position)
    {
        ParameterGradient gradient = result.Gradients.Single(entry => entry.Name == name);
        return new Series(
            $"{name}, {position}",
            [.. gradient.Values.Select((_, unit) => (double)unit)],
            [.. gradient.Values.Select(value => Math.Log10(Math.Abs(value)))],
            SeriesStyle.Points);
    }
}
