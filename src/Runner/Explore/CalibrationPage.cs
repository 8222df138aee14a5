using Makemore.Gpu.Kernels.Normalization;
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

    public static Page Of(RunningStatistics result)
    {
        Kept[] kept = [.. result.Runs.SelectMany(run => Kept.Of(result, run))];
        return new Page($"Running and calibrated statistics of recipe {result.Recipe}",
        [
            new Section("How far they differ")
            {
                Text = "To judge a single name, BatchNorm needs a mean and a standard deviation that do not come from a batch. Training "
                    + $"follows those of its batches, {Format.Factor(result.Normalization.Momentum)} of the way each step, from a start at "
                    + $"0 and 1: after {Format.Counted(result.Runs[0].Steps, "step")}, "
                    + $"{Format.Percent(Math.Pow(1 - result.Normalization.Momentum, result.Runs[0].Steps))} of the start is still in them. "
                    + "Calibration takes them afterwards from the whole training split. Averages are over the units.",
                Grid = new Grid(
                    ["statistic", "running, average", "calibrated, average", "average |difference|", "largest |difference|"],
                    [
                        .. kept.Select(statistic => (string[])
                        [
                            statistic.Name,
                            Format.Signed(statistic.Pair.RunningAverage, 4),
                            Format.Signed(statistic.Pair.CalibratedAverage, 4),
                            Format.Fixed(statistic.Pair.MeanDifference, 4),
                            Format.Fixed(statistic.Pair.LargestDifference, 4),
                        ]),
                    ]),
                Lines = [.. kept.SelectMany(FirstUnits)],
                Pictures = [.. Scatters(kept)],
            },
            new Section("What it costs")
            {
                Text = "The losses of the splits by the running statistics, by those of the training split, and by each split's own. Where "
                    + "the running ones are still on their way, they cost loss that the weights are not to blame for; once they have "
                    + "arrived, it hardly matters which are taken. A split's own statistics are no fair judge, for they need all of its "
                    + "names at once.",
                Grid = new Grid(
                    ["split", "running", "calibrated", "its own", "running - calibrated"],
                    [
                        .. from run in result.Runs
                           from split in run.RunningLosses.Keys
                           select (string[])
                           [
                               $"{split}, {After(run)}",
                               Format.Loss(run.RunningLosses[split]),
                               Format.Loss(run.CalibratedLosses[split]),
                               Format.Loss(run.OwnLosses[split]),
                               Format.Signed(run.RunningLosses[split] - run.CalibratedLosses[split], 4),
                           ],
                    ]),
            },
        ]);
    }

    static string After(StatisticsRun run) => $"after {Format.Counted(run.Steps, "step")}";

    static IEnumerable<Chart> Scatters(IEnumerable<Kept> kept) => kept.GroupBy(statistic => statistic.Kind).SelectMany(kind =>
        Cells.SameAxes(
        [
            .. kind.GroupBy(statistic => statistic.Run).Select(run => RunSections.Scatter(
                $"{kind.Key}-{run.Key.Steps}", $"Recipe {run.First().Recipe} {After(run.Key)}: {kind.Key}",
                run.Select(statistic => (statistic.Units, statistic.Pair)))),
        ]));

    static IEnumerable<string> FirstUnits(Kept statistic) =>
    [
        $"{statistic.Name}, the first units",
        $"  running     {Numbers(statistic.Pair.Running)}",
        $"  calibrated  {Numbers(statistic.Pair.Calibrated)}",
    ];

    static string Numbers(IReadOnlyList<float> values) =>
        string.Join("  ", values.Take(ShownUnits).Select(value => Format.Signed(value, 4)));

    // A statistic of a normalization after a training.
    sealed record Kept(string Recipe, StatisticsRun Run, string Kind, string Units, StatisticsPair Pair)
    {
        public string Name => $"{Kind} of {Units} {After(Run)}";

        public static IEnumerable<Kept> Of(RunningStatistics result, StatisticsRun run)
        {
            string spreads = result.Normalization.RunningStatistic == RunningStatistic.Variance ? "variances" : "deviations";
            return
                from comparison in run.Statistics
                let units = run.Statistics.Count == 1 ? "the hidden units" : $"layer {Format.Count(comparison.Layer)}"
                from statistic in new[] { (Kind: "means", Pair: comparison.Mean), (Kind: spreads, Pair: comparison.Spread) }
                select new Kept(result.Recipe, run, statistic.Kind, units, statistic.Pair);
        }
    }
}
