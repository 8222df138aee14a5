using ScottPlot;
using ScottPlot.TickGenerators;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>Names along an axis: side by side where there is space, else on end, and short ones only every so many.</summary>
static class NameTicks
{
    const int ShortName = 2;
    const int ShortWidth = 11;
    const int Gap = 8;
    const int LineHeight = 14;
    const int OnEnd = -90;
    const int MostCharacters = 18;

    /// <summary>Names the positions of a horizontal axis.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="names">The names of the positions 0, 1, 2 and so on.</param>
    /// <param name="width">The width of the axis in pixels.</param>
    /// <returns>The height that the names take beyond that of a line.</returns>
    public static int Across(IXAxis axis, IReadOnlyList<string> names, int width)
    {
        if (names.All(name => name.Length <= ShortName))
        {
            axis.TickGenerator = Scale.Ticks(names, Math.Max(1, width / ShortWidth));
            return 0;
        }
        names = Shorten(names);
        int widest = MeasureWidest(names);
        if ((widest + Gap) * names.Count <= width)
        {
            axis.TickGenerator = Scale.Ticks(names, names.Count);
            return 0;
        }
        axis.TickGenerator = Scale.Ticks(names, Math.Max(1, width / LineHeight));
        axis.TickLabelStyle.Rotation = OnEnd;
        axis.TickLabelStyle.Alignment = Alignment.MiddleRight;
        // ScottPlot measures them as if they lay.
        axis.MinimumSize = widest + LineHeight + Gap + Gap;
        return widest - LineHeight;
    }

    /// <summary>Names of a vertical axis.</summary>
    /// <param name="names">The names of the positions 0, 1, 2 and so on.</param>
    /// <param name="height">The height of the axis in pixels.</param>
    public static NumericManual Upward(IReadOnlyList<string> names, int height) =>
        Scale.Ticks(Shorten(names), Math.Max(1, height / LineHeight));

    /// <summary>The width of the widest of some names; 0 for none.</summary>
    /// <param name="names">The names.</param>
    public static int MeasureWidest(IReadOnlyList<string> names)
    {
        using Paint paint = Paint.NewDisposablePaint();
        var style = new LabelStyle { FontName = PlotFont.Use(), FontSize = PlotFrame.TickLabelSize };
        return (int)Math.Ceiling(Shorten(names).Select(name => style.Measure(name, paint).Width).DefaultIfEmpty().Max());
    }

    static string[] Shorten(IReadOnlyList<string> names) =>
        [.. names.Select(name => name.Length <= MostCharacters ? name : $"{name[..(MostCharacters - 1)]}…")];
}
