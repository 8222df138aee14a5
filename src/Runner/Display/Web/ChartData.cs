using System.Globalization;
using System.Text;
using System.Text.Json;
using Makemore.Gpu.Runner.Display.Plots;
using Makemore.Gpu.Runner.Pages;
using ScottPlot;

namespace Makemore.Gpu.Runner.Display.Web;

/// <summary>
/// A chart as the JSON that <c>charts.js</c> draws: what an axis cannot have is left out, and lines have no more points than are seen.
/// </summary>
static class ChartData
{
    // Of a chart over a wide screen; whoever enlarges a part of it sees fewer.
    const int Columns = 1000;

    /// <summary>The chart as JSON, which can stand in a script element: it holds no character of markup.</summary>
    /// <param name="chart">The chart.</param>
    /// <returns>The text; null where a line goes back and forth, which the script cannot draw.</returns>
    public static string? Of(Chart chart)
    {
        Line[] lines = [.. chart.Series.Select(series => Line.Of(chart, series))];
        if (lines.Any(line => !line.IsInOrder))
        {
            return null;
        }
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            Write(json, chart, lines);
        }
        return Encoding.UTF8.GetString(buffer.ToArray());
    }

    /// <summary>Writes the chart as a JSON object.</summary>
    /// <param name="json">Where it goes.</param>
    /// <param name="chart">The chart, the lines of which are in order.</param>
    public static void Write(Utf8JsonWriter json, Chart chart) =>
        Write(json, chart, [.. chart.Series.Select(series => Line.Of(chart, series))]);

    static void Write(Utf8JsonWriter json, Chart chart, Line[] lines)
    {
        json.WriteStartObject();
        json.WriteString("title", chart.Title);
        json.WriteString("x", chart.XLabel);
        json.WriteString("y", chart.YLabel);
        json.WriteStartArray("series");
        foreach (Line line in lines)
        {
            line.Write(json);
        }
        json.WriteEndArray();
        WriteMarks(json, "levels", chart.Levels.Where(level => Scale.Holds(level.Y)).Select(level => (level.Y, level.Name)));
        WriteMarks(json, "moments", chart.Moments.Select(moment => (moment.X, moment.Name)));
        WriteExtent(json, "across", chart.Across, chart.IsLogarithmicAcross);
        WriteExtent(json, "upward", chart.Upward, chart.IsLogarithmic);
        json.WriteBoolean("logX", chart.IsLogarithmicAcross);
        json.WriteBoolean("logY", chart.IsLogarithmic);
        if (chart.Names.Count > 0)
        {
            WriteTexts(json, "names", chart.Names);
        }
        WriteTexts(json, "key", chart.Key);
        json.WriteEndObject();
    }

    static void WriteMarks(Utf8JsonWriter json, string property, IEnumerable<(double At, string Name)> marks)
    {
        json.WriteStartArray(property);
        foreach ((double at, string name) in marks)
        {
            json.WriteStartObject();
            WriteNumber(json, "at", at);
            json.WriteString("name", name);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // The ends of a logarithmic axis are logarithms.
    static void WriteExtent(Utf8JsonWriter json, string property, Extent extent, bool isLogarithmic)
    {
        if (extent == Extent.OfData)
        {
            return;
        }
        json.WriteStartArray(property);
        foreach (double? end in new[] { extent.Low, extent.High })
        {
            if (end is { } value)
            {
                json.WriteRawValue(Digits(isLogarithmic ? Math.Pow(10, value) : value));
            }
            else
            {
                json.WriteNullValue();
            }
        }
        json.WriteEndArray();
    }

    static void WriteTexts(Utf8JsonWriter json, string property, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(property);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }
        json.WriteEndArray();
    }

    static void WriteNumber(Utf8JsonWriter json, string property, double value)
    {
        json.WritePropertyName(property);
        json.WriteRawValue(Digits(value));
    }

    // A loss has seven digits, of which nobody reads more than five; a step has up to nine.
    static string Digits(double value) =>
        value.ToString(double.IsInteger(value) && Math.Abs(value) < 1e9 ? "R" : "G6", CultureInfo.InvariantCulture);

    // The points of a series that an axis can have.
    sealed record Line(Series Series, Coordinates[] Points, IReadOnlyList<string> Labels, bool IsOutline)
    {
        public bool IsInOrder => Points.Zip(Points.Skip(1)).All(pair => pair.First.X <= pair.Second.X);

        public static Line Of(Chart chart, Series series)
        {
            (Coordinates Point, string Label)[] shown =
            [
                .. from entry in series.X.Zip(series.Y).Index()
                   let point = new Coordinates(entry.Item.First, entry.Item.Second)
                   where Scale.Holds(point.X) && Scale.Holds(point.Y)
                       && (!chart.IsLogarithmicAcross || point.X > 0) && (!chart.IsLogarithmic || point.Y > 0)
                   select (point, series.Labels.Count > 0 ? series.Labels[entry.Index] : ""),
            ];
            bool hasOrder = series.Style is SeriesStyle.Line or SeriesStyle.Faint && series.Labels.Count == 0;
            shown = hasOrder ? shown : [.. shown.OrderBy(entry => entry.Point.X)];
            Coordinates[] points = Array.ConvertAll(shown, entry => entry.Point);
            string[] labels = series.Labels.Count > 0 ? Array.ConvertAll(shown, entry => entry.Label) : [];
            bool isOutline = hasOrder && IsOutlineOf(points);
            points = isOutline ? [points[0], .. points.Where((_, i) => i % 2 == 1)] : hasOrder ? Decimation.Thin(points, Columns) : points;
            return new Line(series, points, labels, isOutline);
        }

        public void Write(Utf8JsonWriter json)
        {
            json.WriteStartObject();
            json.WriteString("name", Series.Name);
            json.WriteString("style", Labels.Count > 0 ? "points" : Output.Format.Word(Series.Style));
            if (IsOutline)
            {
                json.WriteBoolean("outline", true);
            }
            WriteNumbers(json, "x", Points.Select(point => point.X));
            WriteNumbers(json, "y", Points.Select(point => point.Y));
            if (Labels.Count > 0)
            {
                WriteTexts(json, "labels", Labels);
            }
            json.WriteEndObject();
        }

        // Of a histogram: up and down at each edge of a bin. What is left of it are the edges, each with the height to its right.
        static bool IsOutlineOf(Coordinates[] points) =>
            points.Length >= 4 && points.Length % 2 == 0 && points[0].Y == 0 && points[^1].Y == 0
            && points.Chunk(2).All(edge => edge[0].X == edge[1].X)
            && points[1..^1].Chunk(2).All(bin => bin[0].Y == bin[1].Y);

        static void WriteNumbers(Utf8JsonWriter json, string property, IEnumerable<double> values)
        {
            json.WriteStartArray(property);
            foreach (double value in values)
            {
                json.WriteRawValue(Digits(value));
            }
            json.WriteEndArray();
        }
    }
}
