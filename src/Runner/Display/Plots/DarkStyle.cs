using ScottPlot;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>
/// The dark colors of a drawing as a style sheet within it, so that one drawing is right on a light page and on a dark one.
/// </summary>
static class DarkStyle
{
    static readonly string Element = $"<style>@media (prefers-color-scheme: dark) {{ {string.Concat(Rules())}}}</style>";

    /// <summary>Adds the style sheet to a drawing in <see cref="PlotColors.Light"/>.</summary>
    /// <param name="svg">The drawing.</param>
    public static string AddTo(string svg)
    {
        int start = svg.IndexOf('>', svg.IndexOf("<svg ", StringComparison.Ordinal)) + 1;
        return svg.Insert(start, Element);
    }

    // White is also a shade of a map, which stays white: only the background, drawn first, is another.
    static IEnumerable<string> Rules()
    {
        (PlotColors light, PlotColors dark) = (PlotColors.Light, PlotColors.Dark);
        yield return $"svg > rect:first-of-type {{ fill: {dark.Background.ToHex()} }} ";
        IEnumerable<(Color Light, Color Dark)> pairs =
        [
            (light.Text, dark.Text), (light.Label, dark.Label), (light.Grid, dark.Grid), (light.Guide, dark.Guide),
            .. light.Series.Zip(dark.Series),
        ];
        foreach ((Color from, Color to) in pairs)
        {
            yield return $"[fill=\"{from.ToHex()}\"] {{ fill: {to.ToHex()} }} [stroke=\"{from.ToHex()}\"] {{ stroke: {to.ToHex()} }} ";
        }
    }
}
