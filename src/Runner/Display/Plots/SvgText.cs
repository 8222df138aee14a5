using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Display.Plots;

/// <summary>What Skia writes as SVG, made small, sharp, and the same each time.</summary>
static partial class SvgText
{
    /// <summary>Tidies a drawing up.</summary>
    /// <param name="svg">What Skia wrote.</param>
    public static string Tidy(string svg)
    {
        svg = svg.Replace("<svg ", $"<svg {OutputFolder.PictureMark} ", StringComparison.Ordinal);
        svg = Paths().Replace(svg, path => LateDecimals().Replace(path.Value, ""));
        svg = svg.Replace($"font-family=\"{PlotFont.Name}\"", $"font-family=\"{PlotFont.Families}\"", StringComparison.Ordinal);
        // Browsers would blur the edges of a shade map's cells.
        svg = svg.Replace("<image ", "<image style=\"image-rendering:pixelated\" ", StringComparison.Ordinal);
        // Skia counts the clips of all drawings of the process.
        var clips = new Dictionary<string, string>();
        return Clips().Replace(svg, clip =>
        {
            clips.TryAdd(clip.Value, $"clip{clips.Count}");
            return clips[clip.Value];
        });
    }

    [GeneratedRegex(" d=\"[^\"]*\"")]
    private static partial Regex Paths();

    // Nobody sees a hundredth of a pixel, and they are half of a file.
    [GeneratedRegex(@"(?<=\.\d)\d+(?!\d*e)")]
    private static partial Regex LateDecimals();

    [GeneratedRegex(@"(?<=[""#])cl_[0-9a-f]+(?=["")])")]
    private static partial Regex Clips();
}
