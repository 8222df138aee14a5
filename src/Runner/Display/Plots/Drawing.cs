using System.Text;
using Makemore.Gpu.Runner.Pages;
using ScottPlot;
using SkiaSharp;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>A picture that is laid out, and can be drawn.</summary>
/// <param name="plot">The plot, which the drawing owns.</param>
/// <param name="width">The width in pixels of a plain screen.</param>
/// <param name="height">The height in pixels of a plain screen.</param>
sealed class Drawing(Plot plot, int width, int height) : IDisposable
{
    // For screens with small pixels.
    const int PngScale = 2;

    // Skia's own choice takes twice the time, for files that are at best half as large.
    static readonly SKPngEncoderOptions PngOptions = new(SKPngEncoderFilterFlags.Sub, zLibLevel: 4);

    /// <summary>The width in pixels of a plain screen.</summary>
    public int Width => width;

    /// <summary>The height in pixels of a plain screen.</summary>
    public int Height => height;

    /// <summary>Lays a picture out.</summary>
    /// <param name="picture">The picture.</param>
    /// <param name="style">How it is drawn.</param>
    public static Drawing Of(Picture picture, DrawingStyle style) => picture switch
    {
        Chart chart => ChartPlot.Create(chart, style),
        ShadeMap map => ShadeMapPlot.Create(map, style),
        _ => throw new ArgumentException($"there is no drawing of {picture.GetType().Name}", nameof(picture)),
    };

    /// <summary>The drawing as SVG.</summary>
    public string Svg()
    {
        plot.ScaleFactor = 1;
        LayOut(width, height);
        using var svg = new MemoryStream();
        plot.RenderManager.ClearCanvasBeforeEachRender = false;
        using (SKCanvas canvas = SKSvgCanvas.Create(new SKRect(0, 0, width, height), svg))
        {
            plot.Render(canvas, width, height);
        }
        plot.RenderManager.ClearCanvasBeforeEachRender = true;
        return SvgText.Tidy(Encoding.UTF8.GetString(svg.ToArray()));
    }

    /// <summary>The drawing as PNG, with two pixels for each of a plain screen.</summary>
    public byte[] Png()
    {
        plot.ScaleFactor = PngScale;
        using var surface = SKSurface.Create(new SKImageInfo(width * PngScale, height * PngScale));
        LayOut(width * PngScale, height * PngScale);
        plot.Render(surface.Canvas, width * PngScale, height * PngScale);
        using SKPixmap pixels = surface.PeekPixels()!;
        using SKData png = pixels.Encode(PngOptions)!;
        return png.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => plot.Dispose();

    // ScottPlot finds the positions of new axes by drawing them. Its own SVG export draws pixels for that, which takes most of the time.
    void LayOut(int drawnWidth, int drawnHeight)
    {
        using var nowhere = new SKNoDrawCanvas(drawnWidth, drawnHeight);
        plot.Render(nowhere, drawnWidth, drawnHeight);
    }
}
