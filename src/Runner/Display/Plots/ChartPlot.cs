using Makemore.Gpu.Runner.Pages;
using ScottPlot;
using ScottPlot.Plottables;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>Lays a chart out.</summary>
static class ChartPlot
{
    // What axes and heading take of the drawing, more or less.
    const int BesideData = 90;
    const int AroundData = 110;

    // The last label of the horizontal axis stands half beyond it.
    const float RightMargin = 30;

    const int TickWidth = 65;
    const int TickHeight = 30;

    const int PointLabelSize = 16;
    const int KeyLabelSize = 12;
    const int KeyMarkSize = 9;

    const double FaintOpacity = 0.35;
    const double PointOpacity = 0.7;

    // One for each level and moment, in their order.
    static readonly Dashes[] Dashes = [new(6, 4), new(1.5f, 3), new(12, 4), new(3, 6)];

    /// <summary>Lays a chart out.</summary>
    /// <param name="chart">The chart.</param>
    /// <param name="style">How it is drawn.</param>
    public static Drawing Create(Chart chart, DrawingStyle style)
    {
        double Height(double y) => chart.IsLogarithmic ? Math.Log10(y) : y;
        Coordinates Position(double x, double y) => new(chart.IsLogarithmicAcross ? Math.Log10(x) : x, Height(y));
        Coordinates[][] points = [.. chart.Series.Select(series => Points(series, Position))];
        double[] levels = [.. chart.Levels.Select(level => Height(level.Y))];
        Scale across = Scale.Of(points.SelectMany(series => series, (_, point) => point.X), HasPoints(chart) ? 0.04 : 0)
            .Within(chart.Across);
        Scale upward = Scale.Of([.. points.SelectMany(series => series, (_, point) => point.Y), .. levels], 0.06).Within(chart.Upward);
        int width = style.Width - BesideData;
        int height = style.Height - AroundData;

        Plot plot = PlotFrame.Create(chart.XLabel, chart.YLabel, style.Colors);
        plot.Axes.SetLimits(across.Low, across.High, upward.Low, upward.High);
        bool wholeNumbers = points.All(series => series.All(point => double.IsInteger(point.X)));
        int below = 0;
        if (chart.Names.Count > 0)
        {
            below = NameTicks.Across(plot.Axes.Bottom, chart.Names, width);
        }
        else
        {
            plot.Axes.Bottom.TickGenerator = chart.IsLogarithmicAcross
                ? across.LogarithmicTicks(width / TickWidth)
                : across.Ticks(width / TickWidth, wholeNumbers);
        }
        plot.Axes.Left.TickGenerator = chart.IsLogarithmic
            ? upward.LogarithmicTicks(height / TickHeight)
            : upward.Ticks(height / TickHeight, wholeNumbers: false);
        plot.Axes.Right.MinimumSize = RightMargin;

        int color = 0;
        foreach ((Series series, Coordinates[] line) in chart.Series.Zip(points))
        {
            if (series.Style == SeriesStyle.Guide)
            {
                AddDashed(series.Name, line, Dashes[0]);
            }
            else if (series.Labels.Count > 0)
            {
                AddLabels(series, style.Colors.Series[color++ % style.Colors.Series.Count]);
            }
            else if (line.Length > 0)
            {
                Add(plot, series, line, style.Width, style.Colors.Series[color % style.Colors.Series.Count]);
                // A faint series has the color of the line that follows, which is its average.
                color += series.Style == SeriesStyle.Faint ? 0 : 1;
            }
        }
        int dashes = 0;
        foreach ((double y, Level level) in levels.Zip(chart.Levels).Where(line => Scale.Holds(line.First)))
        {
            AddDashed(
                level.Name, [new Coordinates(across.Low, y), new Coordinates(across.High, y)], Dashes[dashes++ % Dashes.Length]);
        }
        foreach ((double x, string name) in chart.Moments.Where(moment => moment.X >= across.Low && moment.X <= across.High))
        {
            AddDashed(name, [new Coordinates(x, upward.Low), new Coordinates(x, upward.High)], Dashes[dashes++ % Dashes.Length]);
        }
        foreach (string text in chart.Key)
        {
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = text });
        }
        var heading = new Heading(plot, style.Titled ? chart.Title : "", style.Colors.Text, width);
        plot.Axes.AddPanel(heading);
        // The drawing grows by the rows of its legend and by long names, so that they take nothing from the data.
        return new Drawing(plot, style.Width, style.Height + below + heading.MeasureRowsBelowFirst());

        void AddDashed(string name, Coordinates[] line, Dashes dashes)
        {
            Scatter scatter = plot.Add.ScatterLine(dashes.Cut(line, across.Span / width, upward.Span / height), style.Colors.Guide);
            scatter.LineWidth = Plots.Dashes.LineWidth;
            plot.Legend.ManualItems.Add(dashes.Mark(name, style.Colors.Guide));
        }

        void AddLabels(Series series, Color color)
        {
            foreach (((double x, double y), string label) in series.X.Zip(series.Y).Zip(series.Labels))
            {
                Coordinates point = Position(x, y);
                if (IsShown(point))
                {
                    Text text = plot.Add.Text(label, point);
                    text.LabelFontName = PlotFont.Use();
                    text.LabelFontSize = chart.Key.Count > 0 ? KeyLabelSize : PointLabelSize;
                    text.LabelFontColor = color;
                    text.LabelAlignment = Alignment.MiddleCenter;
                }
            }
            if (chart.Key.Count > 0)
            {
                plot.Legend.ManualItems.Add(new LegendItem
                {
                    LabelText = series.Name,
                    MarkerStyle = new MarkerStyle(MarkerShape.FilledSquare, KeyMarkSize, color),
                });
            }
        }
    }

    static void Add(Plot plot, Series series, Coordinates[] points, int columns, Color color)
    {
        bool joined = series.Style != SeriesStyle.Points;
        Scatter scatter = plot.Add.Scatter(joined ? Decimation.Thin(points, columns) : points);
        scatter.LegendText = series.Name;
        (scatter.Color, scatter.LineWidth) = series.Style switch
        {
            SeriesStyle.Faint => (color.WithOpacity(FaintOpacity), 0.8f),
            SeriesStyle.Points => (color.WithOpacity(PointOpacity), 0),
            _ => (color, 1.6f),
        };
        // A line through one point would not be seen.
        scatter.MarkerSize = !joined || points.Length == 1 ? 5 : 0;
        scatter.MarkerLineWidth = 0;
    }

    static Coordinates[] Points(Series series, Func<double, double, Coordinates> position) =>
        [.. series.X.Zip(series.Y, position).Where(IsShown)];

    static bool IsShown(Coordinates point) => Scale.Holds(point.X) && Scale.Holds(point.Y);

    static bool HasPoints(Chart chart) => chart.Series.Any(series => series.Style == SeriesStyle.Points);
}
