using MathNet.Numerics.Statistics;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

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
        IReadOnlyList<NetworkResult> trained = summary.Trained;
        if (trained.Count > 0 && summary.VariedSettings.Count > 0)
        {
            Extent upward = summary.AxisOf(trained.Select(DevLoss));
            int above = trained.Count(result => DevLoss(result) > upward.High);
            yield return new Section("What each setting does")
            {
                Text = "Each point is a network; the line is the mean over all else that varies."
                    + (above > 0
                        ? $" {SweepPage.Count(above, "network")} with a dev loss of more than {Format.Loss(upward.High!.Value)} "
                            + $"{(above == 1 ? "stands" : "stand")} at the upper edge, and {(above == 1 ? "has" : "have")} no part in the mean."
                        : ""),
                Pictures = [.. summary.VariedSettings.Select(name => Of(SettingAxis.Of(name, summary.Results), summary, upward))],
            };
        }
    }

    static Chart Of(SettingAxis axis, SweepSummary summary, Extent upward)
    {
        double top = upward.High ?? double.PositiveInfinity;
        ILookup<bool, NetworkResult> trained = summary.Trained.ToLookup(result => DevLoss(result) <= top);
        (double X, double Y)[] means = [.. Means(axis, trained[true])];
        NetworkResult[] dropped = [.. summary.Results.Where(result => result.Outcome.End == NetworkEnd.Dropped)];
        Series[] series =
        [
            Points("network", trained[true]),
            new Series("mean", [.. means.Select(mean => mean.X)], [.. means.Select(mean => mean.Y)]),
            Points("dropped on its way", dropped),
            Points("above the picture", trained[false]),
        ];
        return new Chart(
            $"dev-by-{axis.Name}", $"Dev loss by {axis.Name}", axis.Name, "dev loss", [.. series.Where(part => part.X.Count > 0)])
        {
            Names = axis.IsNumeric ? [] : axis.Values,
            IsLogarithmicAcross = axis.IsLogarithmic,
            Upward = upward,
            Levels = upward == Extent.OfData ? [] : [new Level(summary.UniformLoss, "uniform guess")],
        };

        Series Points(string name, IEnumerable<NetworkResult> results)
        {
            (double X, double Y)[] points = [.. results.GroupBy(axis.PositionOf).SelectMany(at => Spread(axis, at.Key, at))];
            return new Series(name, [.. points.Select(point => point.X)], [.. points.Select(point => Math.Min(point.Y, top))], SeriesStyle.Points);
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
