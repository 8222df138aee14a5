using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using ScottPlot;
using ScottPlot.Plottables;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>Lays a shade map out: square cells, as large as fits, and axes that count them.</summary>
static class ShadeMapPlot
{
    const int MaxCell = 15;
    const int MinWidth = 320;
    const int Left = 60;
    const int Right = 20;
    const int Top = 14;
    const int Bottom = 50;
    const int TitleHeight = 28;
    const int TickDistance = 40;
    const int MaxTicks = 10;
    const int ScaleSteps = 4;

    // Of a map with more rows than pixels, several share one.
    const int MaxHeight = 1500;

    static readonly ScottPlot.Colormaps.Grayscale Grayscale = new();

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

        double cell = Math.Min(MaxCell, Math.Min((style.Width - Left - Right) / (double)columns, MaxHeight / (double)rows));
        // Whole pixels of a screen with small ones, or cells would differ in size.
        cell = cell > 1 ? Math.Floor(2 * cell) / 2 : cell;
        int dataWidth = (int)Math.Ceiling(cell * columns);
        int dataHeight = Math.Max(1, (int)Math.Ceiling(cell * rows));
        int xTicks = Math.Clamp(dataWidth / TickDistance, 1, MaxTicks);
        int yTicks = Math.Clamp(dataHeight / TickDistance, 1, MaxTicks);
        plot.Axes.Bottom.TickGenerator = new Scale(0, columns - 1).Ticks(xTicks, wholeNumbers: true);
        plot.Axes.Left.TickGenerator = new Scale(0, rows - 1).Ticks(yTicks, wholeNumbers: true);

        if (map.HasScale)
        {
            plot.Legend.ManualItems.AddRange(ScaleItems(map, style.Colors.Guide));
        }
        var heading = new Heading(
            plot, style.Titled ? map.Title : "", style.Colors.Text, Math.Max(MinWidth - Left - Right, dataWidth));
        plot.Axes.AddPanel(heading);
        int width = Math.Max(MinWidth, Left + Math.Max(dataWidth, heading.MeasureTitle()) + Right);
        int top = (style.Titled ? Top + TitleHeight : Top) + heading.MeasureLegend();
        plot.Layout.Fixed(new PixelPadding(Left, width - Left - dataWidth, Bottom, top));
        return new Drawing(plot, width, top + dataHeight + Bottom);
    }

    static IEnumerable<LegendItem> ScaleItems(ShadeMap map, Color outline)
    {
        double span = map.White - map.Black;
        double[] parts = span > 0 ? [.. Enumerable.Range(0, ScaleSteps + 1).Select(i => (double)i / ScaleSteps)] : [1];
        // Two more digits than the steps need.
        double unit = (span > 0 ? span / ScaleSteps : map.White == 0 ? 1 : Math.Abs(map.White)) / 100;
        return parts.Select(part => new LegendItem
        {
            LabelText = Format.Tick(map.Black + (part * span), unit),
            FillColor = Grayscale.GetColor(part),
            OutlineColor = outline,
            OutlineWidth = 1,
        });
    }

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
                shades[row, column] = value >= map.White ? 1 : value > map.Black ? (value - map.Black) / (map.White - map.Black) : 0;
            }
        }
        return new Heatmap(shades)
        {
            Colormap = Grayscale,
            ManualRange = new ScottPlot.Range(0, 1),
            AlphaMap = alpha,
        };
    }
}
