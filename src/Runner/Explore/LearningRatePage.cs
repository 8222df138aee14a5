using System.Globalization;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="LearningRate"/>.</summary>
static class LearningRatePage
{
    public static Page Of(LearningRate result) => new($"The learning rate of recipe {result.Recipe}",
    [
        Finder(result),
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

    static Section Finder(LearningRate result) => new($"After {Format.Counted(result.Steps, "step")} at one rate")
    {
        Text = "A rate is found by trying: from 0.001 to 1, evenly in the exponent. A small one leaves the loss high, since the network "
            + "has hardly moved; a large one throws it about or lets it diverge. Between them lies a wide valley. A long training can take "
            + "a rate from its upper part, and ends with a drop of it.",
        Grid = new Grid(
            ["rate", Cells.FinalLossHeading(result.Steps), "train", "dev", "note"],
            [.. result.Found.Select(tried => Row(result, tried))])
        {
            EndsInText = true,
        },
        Lines = result.Best is { } best
            ? [$"to train with the best: {ProgramCall.With("train", "--recipe", result.Recipe, "--learning-rate", Name(best))}"]
            : ["all diverged: give --recipe another network"],
        Pictures =
        [
            new Chart(
                "loss-by-rate", $"Recipe {result.Recipe} after {Format.Counted(result.Steps, "step")} at one learning rate",
                "learning rate", "loss",
                [
                    new Series(
                        Cells.FinalSteps(result.Steps), [.. result.Found.Select(tried => tried.Rate)],
                        [.. result.Found.Select(tried => tried.FinalLoss)]),
                    new Series(
                        "dev", [.. result.Found.Select(tried => tried.Rate)],
                        [.. result.Found.Select(tried => tried.Losses?.Dev ?? double.NaN)]),
                ])
            {
                IsLogarithmicAcross = true,
                Upward = Upward(result),
                Levels = [new Level(result.Uniform, "uniform guess")],
                Moments = result.Best is { } lowest ? [new Moment(lowest, "lowest dev loss")] : [],
            },
        ],
    };

    static string[] Row(LearningRate result, TriedRate tried) => tried.Losses is { } losses
        ?
        [
            Name(tried.Rate), Format.Loss(tried.FinalLoss), Format.Loss(losses.Train), Format.Loss(losses.Dev),
            tried.Rate == result.Best ? "the best" : "",
        ]
        : [Name(tried.Rate), "", "", "", $"diverged at step {Format.Count(tried.DivergedAt!.Value)}"];

    // What is above a uniform guess has learned nothing, and would flatten the valley.
    static Extent Upward(LearningRate result)
    {
        double[] finite = [.. result.Found.SelectMany(tried => new[] { tried.FinalLoss, tried.Losses?.Dev ?? double.NaN })
            .Where(double.IsFinite)];
        double low = finite.DefaultIfEmpty(0).Min();
        double top = result.Uniform + ((result.Uniform - low) / 10);
        return low < result.Uniform && finite.Any(loss => loss > top) ? new Extent(null, top) : Extent.OfData;
    }

    static string Name(RateHistory rate) => Name(rate.Rate);

    static string Name(double rate) => rate.ToString(CultureInfo.InvariantCulture);
}
