using ScottPlot;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>Colors of a plot.</summary>
/// <param name="Background">Behind everything; that of the page of a report, too.</param>
/// <param name="Text">Title and names.</param>
/// <param name="Label">Labels of axes and ticks.</param>
/// <param name="Grid">Lines of the grid.</param>
/// <param name="Guide">What data are compared with.</param>
/// <param name="Series">The series, in their order; eight that people with any color vision tell apart.</param>
sealed record PlotColors(Color Background, Color Text, Color Label, Color Grid, Color Guide, IReadOnlyList<Color> Series)
{
    /// <summary>On white: the palette of Okabe and Ito (2008), its yellow, which white swallows, replaced by a brown.</summary>
    public static PlotColors Light { get; } = new(
        Color.FromHex("#ffffff"), Color.FromHex("#1f2328"), Color.FromHex("#59636e"), Color.FromHex("#e8eaed"), Color.FromHex("#6e7781"),
        Palette("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#2b2b2b", "#7a3b1e"));

    /// <summary>On near black: the light palette of Paul Tol, its gray made white.</summary>
    public static PlotColors Dark { get; } = new(
        Color.FromHex("#15181c"), Color.FromHex("#e6e9ec"), Color.FromHex("#9aa4ae"), Color.FromHex("#2a2f36"), Color.FromHex("#8b949e"),
        Palette("#77aadd", "#ee8866", "#44bb99", "#ffaabb", "#99ddff", "#eedd88", "#f8f8f8", "#aaaa00"));

    static Color[] Palette(params string[] colors) => Array.ConvertAll(colors, Color.FromHex);
}
