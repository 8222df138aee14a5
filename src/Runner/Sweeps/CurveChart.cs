using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>How the networks of a sweep were trained.</summary>
static class CurveChart
{
    const int MostOthers = 50;

    /// <summary>The section of the picture; none where nothing was trained.</summary>
    /// <param name="summary">What came of the sweep.</param>
    public static IEnumerable<Section> Sections(SweepSummary summary)
    {
        NetworkResult? best = summary.Comparison.Best;
        NetworkResult[] others =
        [
            .. summary.Comparison.Groups.SelectMany(group => group.Results)
                .Where(result => result != best && result.Outcome.Curve.Count > 0),
        ];
        NetworkResult[] shown = [.. Spread(others)];
        Series[] series =
        [
            // One name for all of them in the legend.
            .. shown.Select((result, i) => Line(i == 0 ? "the others" : "", result, SeriesStyle.Faint)),
            .. best is null ? (Series[])[] : [Line("the best", best, SeriesStyle.Line)],
        ];
        if (series.Length > 0)
        {
            yield return new Section("On the way")
            {
                Text = "The training loss, each point the mean over a hundredth of the steps"
                    + (shown.Length < others.Length ? $"; of the others, {MostOthers} from the best to the worst." : "."),
                Pictures =
                [
                    new Chart("curves", "Loss during training", "step", "training loss", series)
                    {
                        Upward = summary.AxisOf(series.SelectMany(line => line.Y)),
                        Levels = [new Level(summary.UniformLoss, "uniform guess")],
                    },
                ],
            };
        }
    }

    // In the order of their losses, as many between each two.
    static IEnumerable<NetworkResult> Spread(NetworkResult[] results) => results.Length <= MostOthers
        ? results
        : Enumerable.Range(0, MostOthers).Select(i => results[i * (results.Length - 1) / (MostOthers - 1)]);

    static Series Line(string name, NetworkResult result, SeriesStyle style) => new(
        name, [.. result.Outcome.Curve.Select(point => (double)point.Step)], [.. result.Outcome.Curve.Select(point => point.Loss)], style);
}
