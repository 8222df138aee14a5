using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="RunningStatistics"/>.</summary>
static class CalibrationPage
{
    const int ShownUnits = 8;

    public static Page Of(RunningStatistics result) => new("Running and calibrated statistics of BatchNorm",
    [
        new Section("How far they differ")
        {
            Text = "To judge a single name, BatchNorm needs a mean and a standard deviation that do not come from a batch. Recipe "
                + "batchnorm follows those of its batches while it trains, a thousandth of the way each step: after 1,000 steps, a good "
                + "third of the start at mean 0 and standard deviation 1 is still in them. Calibration takes them afterwards from the "
                + "whole training split.",
            Grid = new Grid(
                ["steps", "mean: largest difference", "mean: average", "std: largest difference", "std: average"],
                [
                    .. result.Runs.Select(run => (string[])
                    [
                        Format.Count(run.Steps), .. Differences(run.Statistics.Mean), .. Differences(run.Statistics.Spread),
                    ]),
                ]),
            Lines = [.. result.Runs.SelectMany(FirstUnits)],
            Pictures =
            [
                .. result.Runs.SelectMany(run => new[]
                {
                    RunSections.Scatter(
                        $"means-{run.Steps}", $"Means of the hidden units after {Format.Count(run.Steps)} steps",
                        [("hidden units", run.Statistics.Mean)]),
                    RunSections.Scatter(
                        $"deviations-{run.Steps}", $"Standard deviations after {Format.Count(run.Steps)} steps",
                        [("hidden units", run.Statistics.Spread)]),
                }),
            ],
        },
        new Section("What it costs")
        {
            Text = "The losses of the splits, once by each. Where the statistics are still on their way, the running ones cost loss that "
                + "the weights are not to blame for; once they have arrived, it makes no difference which are taken.",
            Grid = new Grid(
                ["steps, split", "running", "calibrated", "difference"],
                [
                    .. from run in result.Runs
                       from split in run.RunningLosses.Keys
                       select (string[])
                       [
                           $"{Format.Count(run.Steps)}, {split}",
                           Format.Loss(run.RunningLosses[split]),
                           Format.Loss(run.CalibratedLosses[split]),
                           Format.Signed(run.RunningLosses[split] - run.CalibratedLosses[split], 4),
                       ],
                ]),
        },
    ]);

    static string[] Differences(StatisticsPair pair) => [Format.Fixed(pair.LargestDifference, 4), Format.Fixed(pair.MeanDifference, 4)];

    static IEnumerable<string> FirstUnits(StatisticsRun run) =>
    [
        $"std of the first units after {Format.Count(run.Steps)} steps",
        $"  running     {Numbers(run.Statistics.Spread.Running)}",
        $"  calibrated  {Numbers(run.Statistics.Spread.Calibrated)}",
    ];

    static string Numbers(IReadOnlyList<float> values) =>
        string.Join("  ", values.Take(ShownUnits).Select(value => Format.Fixed(value, 4)));
}
