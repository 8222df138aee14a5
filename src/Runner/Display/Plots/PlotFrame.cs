using ScottPlot;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>What charts and shade maps have in common: axes, their labels, and the grid.</summary>
static class PlotFrame
{
    /// <summary>The size of the text of ticks.</summary>
    public const float TickLabelSize = 12;

    const float LabelSize = 13;

    /// <summary>An empty plot.</summary>
    /// <param name="xLabel">The horizontal axis.</param>
    /// <param name="yLabel">The vertical axis.</param>
    /// <param name="colors">The colors.</param>
    public static Plot Create(string xLabel, string yLabel, PlotColors colors)
    {
        Fonts.Default = PlotFont.Use();
        var plot = new Plot();
        plot.FigureBackground.Color = colors.Background;
        plot.Grid.MajorLineColor = colors.Grid;
        plot.Grid.MajorLineWidth = 1;
        plot.Axes.Right.FrameLineStyle.Width = 0;
        plot.Axes.Top.IsVisible = false;
        Label(plot.Axes.Bottom, xLabel, colors);
        Label(plot.Axes.Left, yLabel, colors);
        plot.Axes.Left.FrameLineStyle.Width = 0;
        return plot;
    }

    static void Label(IAxis axis, string label, PlotColors colors)
    {
        axis.FrameLineStyle.Color = colors.Guide;
        axis.MajorTickStyle = new TickMarkStyle { Length = 0, Width = 0 };
        axis.TickLabelStyle.ForeColor = colors.Label;
        axis.TickLabelStyle.FontSize = TickLabelSize;
        axis.Label.Text = label;
        axis.Label.ForeColor = colors.Label;
        axis.Label.FontSize = LabelSize;
        axis.Label.Bold = false;
    }
}
