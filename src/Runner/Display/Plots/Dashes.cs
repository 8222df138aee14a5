using ScottPlot;
using SkiaSharp;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>
/// A dashed line, cut into pieces before it is drawn, and its mark in the legend: Skia has no dashes for the lines of an SVG file, and
/// complains of each on the standard error.
/// </summary>
/// <param name="dash">The length of a piece in pixels.</param>
/// <param name="gap">The length of what is left out.</param>
sealed class Dashes(float dash, float gap) : IMarker
{
    const float MarkWidth = 20;

    /// <summary>Its width in pixels.</summary>
    public const float LineWidth = 1.2f;

    /// <summary>Cuts a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="xPerPixel">The units of the horizontal axis in a pixel.</param>
    /// <param name="yPerPixel">The units of the vertical axis in a pixel.</param>
    /// <returns>The pieces, with a point that is no number after each.</returns>
    public Coordinates[] Cut(IReadOnlyList<Coordinates> line, double xPerPixel, double yPerPixel)
    {
        var pieces = new List<Coordinates>();
        for (int i = 1; i < line.Count; i++)
        {
            Coordinates start = line[i - 1];
            double x = line[i].X - start.X;
            double y = line[i].Y - start.Y;
            double length = Math.Sqrt(Math.Pow(x / xPerPixel, 2) + Math.Pow(y / yPerPixel, 2));
            for (double at = 0; at < length; at += dash + gap)
            {
                double end = Math.Min(at + dash, length);
                pieces.Add(new Coordinates(start.X + x * at / length, start.Y + y * at / length));
                pieces.Add(new Coordinates(start.X + x * end / length, start.Y + y * end / length));
                pieces.Add(Coordinates.NaN);
            }
        }
        return [.. pieces];
    }

    /// <summary>The mark in the legend.</summary>
    /// <param name="name">What the line means.</param>
    /// <param name="color">Its color.</param>
    public LegendItem Mark(string name, Color color) => new()
    {
        LabelText = name,
        MarkerStyle = new MarkerStyle(MarkerShape.HorizontalBar, MarkWidth, color) { LineWidth = LineWidth, CustomRenderer = this },
    };

    /// <inheritdoc/>
    public void Render(SKCanvas canvas, Paint paint, Pixel center, float size, MarkerStyle markerStyle)
    {
        float left = center.X - size / 2;
        for (float at = 0; at < size; at += dash + gap)
        {
            var piece = new PixelLine(left + at, center.Y, left + Math.Min(at + dash, size), center.Y);
            ScottPlot.Drawing.DrawLine(canvas, paint, piece, markerStyle.LineStyle);
        }
    }
}
