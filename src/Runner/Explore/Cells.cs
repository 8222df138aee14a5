using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Cells of tables and parts of pictures that several experiments share.</summary>
static class Cells
{
    /// <summary>The most characters that a table or a picture shows: as many as can be read.</summary>
    public const int MaxCharacters = 64;

    const double Headroom = 0.05;

    /// <summary>The steps whose mean is the loss at the end of a training, its last tenth: steps 900 to 999.</summary>
    /// <param name="steps">The steps of the training.</param>
    public static string FinalSteps(int steps)
    {
        int first = steps - Math.Max(1, steps / 10);
        return first == steps - 1 ? $"step {Format.Count(first)}" : $"steps {Format.Count(first)} to {Format.Count(steps - 1)}";
    }

    /// <summary>The heading of <see cref="FinalLoss"/>, which says of which steps it is the mean.</summary>
    /// <param name="steps">The steps of the training.</param>
    public static string FinalLossHeading(int steps) => $"loss, {FinalSteps(steps)}";

    /// <summary>The loss at the end of a training, the mean of <see cref="FinalSteps"/>, or when it diverged.</summary>
    /// <param name="training">The training.</param>
    public static string FinalLoss(TrainingRecord training) =>
        training.DivergedAt is { } step ? $"diverged at step {Format.Count(step)}" : Format.Loss(training.FinalLoss);

    /// <summary>The saturated part of a layer; nothing for one without tanh.</summary>
    /// <param name="layer">The layer.</param>
    public static string Saturated(LayerInspection layer) => layer.Saturation is { } saturation ? Format.Percent(saturation.Share) : "";

    /// <summary>How many units are dead, of how many.</summary>
    /// <param name="saturation">The layer.</param>
    public static string Dead(Saturation saturation) =>
        $"{Format.Count(saturation.DeadUnits.Count)} of {Format.Count(saturation.Values.GetLength(1))}";

    /// <summary>The horizontal axis of what tanh gives.</summary>
    public static Extent OfTanh { get; } = new(-1, 1);

    /// <summary>Distributions as lines over one axis; their densities begin at 0.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="axis">What is distributed.</param>
    /// <param name="distributions">The distributions, with their names in the legend.</param>
    public static Chart Histograms(
        string name, string title, string axis, IEnumerable<(string Name, Distribution Distribution)> distributions) =>
        SameDensities([InspectionSections.Histograms(name, title, axis, distributions)])[0];

    /// <summary>Pictures of distributions that are compared, with the same axes: from 0 to the largest density of all.</summary>
    /// <param name="charts">The pictures.</param>
    /// <param name="across">The horizontal axis; null for the one that holds all values.</param>
    /// <param name="most">The largest density that is shown.</param>
    public static Chart[] SameDensities(IReadOnlyList<Chart> charts, Extent? across = null, double most = double.PositiveInfinity)
    {
        across ??= Holding(charts.SelectMany(chart => chart.Series).SelectMany(series => series.X), padding: 0);
        double top = charts.SelectMany(chart => chart.Series).SelectMany(series => series.Y).Where(double.IsFinite).DefaultIfEmpty(1).Max();
        return [.. charts.Select(chart => chart with { Across = across, Upward = new Extent(0, (1 + Headroom) * Math.Min(top, most)) })];
    }

    /// <summary>Pictures that are compared, with the same axes: those that hold all values.</summary>
    /// <param name="charts">The pictures.</param>
    public static Chart[] SameAxes(IReadOnlyList<Chart> charts)
    {
        Series[] all = [.. charts.SelectMany(chart => chart.Series)];
        Extent across = Holding(
            all.SelectMany(series => series.X), all.Any(series => series.Style == SeriesStyle.Points) ? Headroom : 0);
        Extent upward = Holding(
            all.SelectMany(series => series.Y).Concat(charts.SelectMany(chart => chart.Levels).Select(level => level.Y)), Headroom);
        return [.. charts.Select(chart => chart with { Across = across, Upward = upward })];
    }

    /// <summary>Values of consecutive steps as a line.</summary>
    /// <param name="name">Its name in the legend.</param>
    /// <param name="values">A value for each step.</param>
    public static Series PerStep(string name, IReadOnlyList<float> values) =>
        new(name, [.. values.Select((_, step) => (double)step)], [.. values.Select(value => (double)value)]);

    /// <summary>How large the updates of a training were beside what they update, with the rule of thumb to compare with.</summary>
    /// <param name="name">The name of the picture.</param>
    /// <param name="title">Its title.</param>
    /// <param name="history">The updates.</param>
    public static Chart Updates(string name, string title, UpdateHistory history) =>
        RunCharts.Updates(name, title, [.. history.Steps.Select(step => (double)step)], history.Matrices.Zip(history.Ratios));

    static Extent Holding(IEnumerable<double> values, double padding)
    {
        double[] finite = [.. values.Where(double.IsFinite).DefaultIfEmpty(0)];
        (double low, double high) = (finite.Min(), finite.Max());
        double around = padding * (high - low);
        return low < high ? new Extent(low - around, high + around) : Extent.OfData;
    }
}
