using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using ScottPlot;
using ScottPlot.Plottables;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>Lays a shade map out: square cells, as large as fits, and axes that count them.</summary>
static class ShadeMapPlot
{
    const int MaxCell = 15;
    const int MaxNamedCell = 36;
    const int MinWidth = 320;
    const int Left = 60;
    const int Right = 20;
    const int Bottom = 50;
    const int TickDistance = 40;
    const int MaxTicks = 10;

    // Of a map with more rows than pixels, several share one.
    const int MaxHeight = 1500;

    // The axis's own label beside the names of rows.
    const int LabelHeight = 30;

    const float CrossSize = 9;

    // So that cells under a mark are still told apart.
    const double MarkOpacity = 0.6;

    /// <summary>Lays a shade map out.</summary>
    /// <param name="map">The map.</param>
    /// <param name="style">How it is drawn.</param>
    public static Drawing Create(ShadeMap map, DrawingStyle style)
    {
        int rows = map.Values.GetLength(0);
        int columns = map.Values.GetLength(1);
        Plot plot = PlotFrame.Create(map.XLabel, map.YLabel, style.Colors);
        plot.HideGrid();
        plot.Add.Plottable(Shades(map));
        // Each cell is around its number, and rows count downwards.
        plot.Axes.SetLimits(-0.5, columns - 0.5, rows - 0.5, -0.5);
        // An edge for cells of the background's color.
        plot.DataBorder = new LineStyle { Width = 1, Color = style.Colors.Guide };

        bool isNamed = map.Names.Count > 0 && map.RowNames.Count > 0;
        int left = Math.Max(Left, NameTicks.MeasureWidest(map.RowNames) + LabelHeight);
        double cell = Math.Min(
            isNamed ? MaxNamedCell : MaxCell, Math.Min((style.Width - left - Right) / (double)columns, MaxHeight / (double)rows));
        // Whole pixels of a screen with small ones, or cells would differ in size.
        cell = cell > 1 ? Math.Floor(2 * cell) / 2 : cell;
        int dataWidth = (int)Math.Ceiling(cell * columns);
        int dataHeight = Math.Max(1, (int)Math.Ceiling(cell * rows));
        int xTicks = Math.Clamp(dataWidth / TickDistance, 1, MaxTicks);
        int yTicks = Math.Clamp(dataHeight / TickDistance, 1, MaxTicks);
        int bottom = Bottom;
        if (map.Names.Count > 0)
        {
            bottom += NameTicks.Across(plot.Axes.Bottom, map.Names, dataWidth);
        }
        else
        {
            plot.Axes.Bottom.TickGenerator = new Scale(0, columns - 1).Ticks(xTicks, wholeNumbers: true);
        }
        plot.Axes.Left.TickGenerator = map.RowNames.Count > 0
            ? NameTicks.Upward(map.RowNames, dataHeight)
            : new Scale(0, rows - 1).Ticks(yTicks, wholeNumbers: true);
        AddLegend(plot, map, style.Colors);
        AddCrosses(plot, map, style.Colors);
        var heading = new Heading(
            plot, style.Titled ? map.Title : "", style.Colors.Text, Math.Max(dataWidth, MinWidth - left - Right));
        plot.Axes.AddPanel(heading);
        int width = Math.Max(MinWidth, left + Math.Max(dataWidth, heading.MeasureTitle()) + Right);
        int top = heading.MeasureHeight();
        plot.Layout.Fixed(new PixelPadding(left, width - left - dataWidth, bottom, top));
        return new Drawing(plot, width, top + dataHeight + bottom);
    }

    static void AddCrosses(Plot plot, ShadeMap map, PlotColors colors)
    {
        if (map.Missing.Length == 0)
        {
            return;
        }
        Coordinates[] missing =
        [
            .. Enumerable.Range(0, map.Values.GetLength(0)).SelectMany(row => Enumerable.Range(0, map.Values.GetLength(1))
                .Where(column => double.IsNaN(map.Values[row, column])).Select(column => new Coordinates(column, row))),
        ];
        if (missing.Length > 0)
        {
            Scatter crosses = plot.Add.ScatterPoints(missing);
            Color color = colors.Series[1];
            crosses.MarkerStyle = new MarkerStyle(MarkerShape.Eks, CrossSize, color) { LineColor = color, LineWidth = 2 };
            plot.Legend.ManualItems.Add(new LegendItem { LabelText = map.Missing, MarkerStyle = crosses.MarkerStyle });
        }
    }

    static void AddLegend(Plot plot, ShadeMap map, PlotColors colors)
    {
        IEnumerable<Shade> scale = map.Shades.Count > 0 ? map.Shades : Ends(map);
        foreach ((double value, string name) in scale)
        {
            AddKey(name, Color.Gray((byte)Math.Round(byte.MaxValue * ShadeOf(value, map))), colors.Guide);
        }
        if (map.Marked is { Columns.Count: > 0 } marked)
        {
            Color color = colors.Series[1];
            foreach (int column in marked.Columns)
            {
                var rectangle = plot.Add.Rectangle(column - 0.5, column + 0.5, -0.5, map.Values.GetLength(0) - 0.5);
                rectangle.FillColor = color.WithOpacity(MarkOpacity);
                rectangle.LineWidth = 0;
            }
            AddKey(marked.Name, color.WithOpacity(MarkOpacity), color);
        }

        void AddKey(string name, Color fill, Color outline) => plot.Legend.ManualItems.Add(new LegendItem
        {
            LabelText = name,
            FillColor = fill,
            OutlineColor = outline,
            OutlineWidth = 1,
        });
    }

    static Shade[] Ends(ShadeMap map)
    {
        double span = Math.Abs(map.White - map.Black);
        // Two more digits than the span needs; of a single value its own.
        double unit = (span > 0 ? span : map.White == 0 ? 1 : Math.Abs(map.White)) / 100;
        double[] values = span > 0 ? [map.Black, (map.Black + map.White) / 2, map.White] : [map.White];
        return Array.ConvertAll(values, value => new Shade(value, Format.Tick(value, unit)));
    }

    static double ShadeOf(double value, ShadeMap map) =>
        value >= map.White ? 1 : value > map.Black ? (value - map.Black) / (map.White - map.Black) : 0;

    static Heatmap Shades(ShadeMap map)
    {
        int rows = map.Values.GetLength(0);
        int columns = map.Values.GetLength(1);
        var shades = new double[rows, columns];
        var alpha = new byte[rows, columns];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                double value = map.Values[row, column];
                // What is not a number has no shade.
                alpha[row, column] = double.IsNaN(value) ? byte.MinValue : byte.MaxValue;
                shades[row, column] = ShadeOf(value, map);
            }
        }
        return new Heatmap(shades)
        {
            Colormap = new ScottPlot.Colormaps.Grayscale(),
            ManualRange = new ScottPlot.Range(0, 1),
            AlphaMap = alpha,
        };
    }
}
