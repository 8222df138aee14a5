using System.Globalization;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Makemore.Gpu.Runner.Display;

/// <summary>What a watch saw, as it moves.</summary>
static class WatchDisplay
{
    // Between these two base-10 logarithms of update:data a bar grows from nothing to its whole length.
    const double MinRatio = -5;
    const double MaxRatio = -1;

    const int BarWidth = 40;

    // Name and number, and the table's own space.
    const int ColumnsWidth = 36;

    /// <summary>In one line.</summary>
    /// <param name="seen">What was seen last.</param>
    /// <param name="condition">When a value is saturated.</param>
    public static string Line(WatchedStep seen, string condition)
    {
        string[] parts =
        [
            $"before step {Format.Count(seen.Step)}:",
            .. seen.Saturated.Count == 0 ? (string[])[] : [$"saturated, {condition}: {Listed(Shares(seen))}  "],
            $"log10 update:data: {Listed(Ratios(seen))}",
        ];
        return string.Join(' ', parts);
    }

    /// <summary>As tables, with bars where they fit.</summary>
    /// <param name="seen">What was seen last.</param>
    /// <param name="condition">When a value is saturated.</param>
    /// <param name="width">Characters of a line.</param>
    public static IEnumerable<IRenderable> Tables(WatchedStep seen, string condition, int width)
    {
        if (seen.Saturated.Count > 0)
        {
            yield return new Text($"saturated, {condition}");
            yield return Table(Shares(seen), width);
        }
        yield return new Text("log10 update:data, about -3 is good");
        yield return Table(Ratios(seen), width);
    }

    static string Listed(IEnumerable<(string Name, string Number, double Part)> rows) =>
        string.Join(", ", rows.Select(row => $"{row.Name} {row.Number}"));

    static IEnumerable<(string Name, string Number, double Part)> Shares(WatchedStep seen) =>
        seen.Saturated.Select(layer =>
            (string.Create(CultureInfo.InvariantCulture, $"layer {layer.Key}"), Format.Percent(layer.Value), layer.Value));

    static IEnumerable<(string Name, string Number, double Part)> Ratios(WatchedStep seen) =>
        seen.UpdateToData.Keys.Select(weight =>
        {
            double ratio = seen.LogUpdateToData(weight);
            return (weight, Format.Signed(ratio, 2), (ratio - MinRatio) / (MaxRatio - MinRatio));
        });

    static Table Table(IEnumerable<(string Name, string Number, double Part)> rows, int width)
    {
        Table table = new Table().Border(TableBorder.None).HideHeaders()
            .AddColumn("").AddColumn(new TableColumn("").RightAligned());
        int barWidth = Math.Min(BarWidth, width - ColumnsWidth);
        if (barWidth > 0)
        {
            table.AddColumn("");
        }
        foreach ((string name, string number, double part) in rows)
        {
            string[] cells = barWidth > 0 ? [name, number, Bar(part, barWidth)] : [name, number];
            table.AddRow(Array.ConvertAll(cells, Markup.Escape));
        }
        return table;
    }

    static string Bar(double part, int width) => new('█', double.IsNaN(part) ? 0 : (int)Math.Round(Math.Clamp(part, 0, 1) * width));
}
