namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>How a picture is drawn.</summary>
/// <param name="Colors">The colors.</param>
/// <param name="Width">The width of a chart, and the most that a shade map takes, in pixels of a plain screen.</param>
/// <param name="Height">The height of a chart.</param>
/// <param name="Titled">Whether the title is drawn; a report has it in the caption.</param>
sealed record DrawingStyle(PlotColors Colors, int Width, int Height, bool Titled)
{
    /// <summary>For a file that stands for itself.</summary>
    public static DrawingStyle File { get; } = new(PlotColors.Light, 800, 450, Titled: true);

    /// <summary>For the full column of a report.</summary>
    /// <param name="colors">The colors.</param>
    public static DrawingStyle Wide(PlotColors colors) => new(colors, 800, 420, Titled: false);

    /// <summary>For half of the column, or for a phone: as much text on less paper.</summary>
    /// <param name="colors">The colors.</param>
    public static DrawingStyle Narrow(PlotColors colors) => new(colors, 400, 310, Titled: false);
}
