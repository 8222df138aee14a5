using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The dev loss against each setting.</summary>
static class SettingCharts
{
    // More positions, as of random settings, would make the line of means follow single networks.
    const int MostMeans = 20;

    const int Bins = 12;

    // More points above each other would hide each other.
    const int Crowd = 12;

    /// <summary>The section of the pictures; none where nothing was trained or nothing but the seed varies.</summary>
    /// <param name="summary">What came of the sweep.</param>
    public static IEnumerable<Section> Sections(SweepSummary summary)
    {
        if (summary.Trained.Count > 0 && summary.VariedSettings.Count > 0)
        {
            NetworkResult[] dropped = [.. summary.Results.Where(result => result.Outcome.End == NetworkEnd.Dropped)];
            NetworkResult[] drawn = [.. summary.Trained, .. dropped];
            Extent upward = summary.AxisOf(drawn.Select(DevLoss));
            int above = drawn.Count(result => DevLoss(result) > upward.High);
            yield return new Section("What each setting does")
            {
                Text = "Each point is a network; the line is the mean over all else that varies."
                    + (dropped.Length > 0
                        ? " What was dropped on its way has the dev loss that it had then, after fewer steps, and no part in the mean."
                        : "")
                    + (above > 0
                        ? $" {Format.Counted(above, "network")} with a dev loss of more than {Format.Loss(upward.High!.Value)} "
                            + (above == 1 ? "stands at the upper edge, and has" : "stand at the upper edge, and have")
                            + " no part in the mean."
                        : ""),
                Pictures =
                [
                    .. summary.VariedSettings.Select(name => Of(SettingAxis.Of(name, summary.Results), summary, dropped, upward)),
                ],
            };
        }
    }

    static Chart Of(SettingAxis axis, SweepSummary summary, IReadOnlyList<NetworkResult> dropped, Extent upward)
    {
        NetworkResult[] trained = [.. summary.Trained.Where(IsShown)];
        (double X, double Y)[] means = [.. Means(axis, trained)];
        Series[] series =
        [
            Points("network", trained),
            new Series("mean", [.. means.Select(mean => mean.X)], [.. means.Select(mean => mean.Y)]),
            Points("dropped on its way", dropped.Where(IsShown)),
            Points("above the picture", summary.Trained.Concat(dropped).Where(result => !IsShown(result))),
        ];
        return new Chart(
            $"dev-by-{axis.Name}", $"Dev loss by {axis.Name}", axis.Name, "dev loss", [.. series.Where(part => part.X.Count > 0)])
        {
            Names = axis.IsNumeric ? [] : axis.Values,
            IsLogarithmicAcross = axis.IsLogarithmic,
            Upward = upward,
            Levels = upward == Extent.OfData ? [] : [new Level(summary.UniformLoss, "uniform guess")],
        };

        bool IsShown(NetworkResult result) => !(DevLoss(result) > upward.High);

        Series Points(string name, IEnumerable<NetworkResult> results)
        {
            (double X, double Y)[] points = [.. results.GroupBy(axis.PositionOf).SelectMany(at => Spread(axis, at.Key, at))];
            // Whole marks, so not at the edge itself.
            double highest = (upward.High + summary.UniformLoss) / 2 ?? double.PositiveInfinity;
            return new Series(
                name, [.. points.Select(point => point.X)], [.. points.Select(point => Math.Min(point.Y, highest))], SeriesStyle.Points);
        }
    }

    // Many points of one position stand side by side.
    static IEnumerable<(double X, double Y)> Spread(SettingAxis axis, double x, IEnumerable<NetworkResult> results)
    {
        double[] losses = [.. results.Select(DevLoss).Order()];
        return losses.Select((loss, i) => (losses.Length > Crowd ? axis.Beside(x, i) : x, loss));
    }

    static IEnumerable<(double X, double Y)> Means(SettingAxis axis, IEnumerable<NetworkResult> trained)
    {
        (double X, double Y)[] points =
            [.. trained.Select(result => (X: axis.PositionOf(result), Y: DevLoss(result))).OrderBy(point => point.X)];
        IEnumerable<IEnumerable<(double X, double Y)>> groups = axis.IsNumeric && axis.Values.Count > MostMeans
            ? points.Chunk((points.Length + Bins - 1) / Bins)
            : points.GroupBy(point => point.X);
        return groups.Select(group =>
        {
            double[] across = [.. group.Select(point => point.X)];
            return (axis.IsLogarithmic ? across.GeometricMean() : across.Mean(), group.Select(point => point.Y).Mean());
        });
    }

    static double DevLoss(NetworkResult result) => result.Outcome.DevLoss;
}
