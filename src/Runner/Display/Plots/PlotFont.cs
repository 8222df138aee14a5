using System.Reflection;
using ScottPlot;
using SkiaSharp;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>
/// The font of every plot. It comes with the program: containers and servers often have none, and then text would not be drawn at all.
/// </summary>
sealed class PlotFont : IFontResolver
{
    /// <summary>Its name.</summary>
    public const string Name = "Liberation Sans";

    PlotFont() { }

    /// <summary>
    /// Families of the same metrics, one of which is on almost every system: an SVG file names its font, but does not hold it.
    /// </summary>
    public const string Families = $"{Name}, Arimo, Helvetica, Arial, sans-serif";

    /// <summary>Makes it the font of ScottPlot, and gives its name.</summary>
    public static string Use() => Registered.Value;

    static Lazy<string> Registered { get; } = new(() =>
    {
        // Before the system's own fonts, for the same picture everywhere.
        Fonts.FontResolvers.Insert(0, new PlotFont());
        return Name;
    });

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, FontWeight weight, FontSlant slant, FontSpacing spacing) =>
        fontName == Name ? Load() : null;

    /// <inheritdoc/>
    public SKTypeface? CreateTypeface(string fontName, bool bold, bool italic) => fontName == Name ? Load() : null;

    static SKTypeface Load() =>
        SKTypeface.FromStream(Assembly.GetExecutingAssembly().GetManifestResourceStream("LiberationSans-Regular.ttf")!);
}
