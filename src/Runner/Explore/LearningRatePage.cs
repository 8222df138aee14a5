using System.Globalization;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="LearningRate"/>.</summary>
static class LearningRatePage
{
    public static Page Of(LearningRate result) => new($"The learning rate in the updates of recipe {result.Recipe}",
    [
        new Section("Update to data")
        {
            Text = "log10 of how large an update is beside the values: learning rate x std(gradient) / std(weight), the mean of "
                + $"{Cells.FinalSteps(result.Steps)}. About -3 is right: near -5 the network hardly learns, and near -1 it is thrown "
                + "about. The last matrix stands out where its weights start small, so that the logits are small.",
            Grid = new Grid(
                ["matrix", .. result.Rates.Select(rate => $"rate {Name(rate)}")],
                [
                    .. result.Rates[0].Updates.Matrices.Select((matrix, i) =>
                        (string[])[matrix, .. result.Rates.Select(rate => Format.Signed(rate.Updates.FinalRatios[i], 2))]),
                    [
                        Cells.FinalLossHeading(result.Steps),
                        .. result.Rates.Select(rate => Cells.FinalLoss(rate.Updates.Training)),
                    ],
                ]),
            Pictures =
            [
                .. Cells.SameAxes(
                [
                    .. result.Rates.Select(rate => Cells.Updates(
                        $"updates-{Name(rate)}", $"Recipe {result.Recipe} at learning rate {Name(rate)}", rate.Updates)),
                ]),
            ],
        },
    ]);

    static string Name(RateHistory rate) => rate.Rate.ToString(CultureInfo.InvariantCulture);
}
