using ScottPlot;
using ScottPlot.Panels;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>
/// Title and legend above the data, both flush left with them. ScottPlot's own panel has the legend in one row, however long.
/// </summary>
sealed class Heading : PanelBase
{
    const float Margin = 14;
    const float TitleGap = 10;
    const float LegendGap = 10;

    readonly LabelStyle title;
    readonly Legend legend;
    readonly float width;

    /// <summary>Heads a plot.</summary>
    /// <param name="plot">The plot, which has its legend's items.</param>
    /// <param name="text">The title, or nothing.</param>
    /// <param name="color">The color of the text.</param>
    /// <param name="width">The width that the legend may take.</param>
    public Heading(Plot plot, string text, Color color, float width)
    {
        this.width = width;
        Edge = Edge.Top;
        title = new LabelStyle
        {
            Text = text,
            FontName = PlotFont.Use(),
            FontSize = 16,
            ForeColor = color,
            Alignment = Alignment.UpperLeft,
        };
        legend = plot.HideLegend();
        legend.FontName = PlotFont.Use();
        legend.FontSize = 13;
        legend.FontColor = color;
        legend.Orientation = Orientation.Horizontal;
        legend.TightHorizontalWrapping = true;
        legend.InterItemPadding = new PixelPadding(0, 16, 5, 0);
        legend.Padding = new PixelPadding(0);
        legend.BackgroundColor = Colors.Transparent;
        legend.OutlineWidth = 0;
        legend.ShadowColor = Colors.Transparent;
    }

    /// <inheritdoc/>
    public override float Measure(Paint paint) => Margin + TitleHeight(paint) + LegendHeight(paint, width);

    /// <inheritdoc/>
    public override void Render(RenderPack rp, float size, float offset)
    {
        PixelRect panel = GetPanelRect(rp.DataRect, size, offset, rp.Paint);
        title.Render(rp.Canvas, panel.TopLeft.WithOffset(0, Margin), rp.Paint);
        // Beside a narrow map, the legend is wider than the data.
        var area = new PixelRect(panel.Left, panel.Left + Math.Max(panel.Width, width), panel.Bottom - LegendGap, panel.Top);
        legend.Render(rp.Canvas, rp.Paint, area, Alignment.LowerLeft);
    }

    /// <summary>The width that the title needs.</summary>
    public int MeasureTitle()
    {
        using Paint paint = Paint.NewDisposablePaint();
        return (int)Math.Ceiling(title.Measure(title.Text, paint).Width);
    }

    /// <summary>The height of title and legend.</summary>
    public int MeasureHeight()
    {
        using Paint paint = Paint.NewDisposablePaint();
        return (int)Math.Ceiling(Measure(paint));
    }

    /// <summary>The height of the legend without its first row.</summary>
    public int MeasureRowsBelowFirst()
    {
        using Paint paint = Paint.NewDisposablePaint();
        return (int)Math.Ceiling(LegendHeight(paint, width) - LegendHeight(paint, float.MaxValue));
    }

    float TitleHeight(Paint paint) => title.Text.Length == 0 ? 0 : title.Measure(title.Text, paint).Height + TitleGap;

    float LegendHeight(Paint paint, float width) =>
        legend.GetItems().Length == 0 ? 0 : legend.GetLayout(new PixelSize(width, float.MaxValue), paint).LegendRect.Height + LegendGap;
}
