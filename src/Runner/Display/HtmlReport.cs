using System.Net;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Display.Plots;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Display;

/// <summary>
/// A page as one file for a browser, which needs nothing else: no network, no script, no font. Its pictures come in light and dark, and
/// for wide and narrow screens.
/// </summary>
static partial class HtmlReport
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "report.html";

    // Fewer are seen at a glance.
    const int SectionsWithContents = 3;

    /// <summary>Writes the file, and makes the folder where there is none.</summary>
    /// <param name="folder">Where it goes.</param>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Gives up between two sections.</param>
    /// <returns>The path of the file.</returns>
    /// <exception cref="InvalidRequestException">It cannot be written there.</exception>
    public static string Write(string folder, Page page, CancellationToken cancellation = default) =>
        OutputFile.Write(folder, FileName, Encoding.UTF8.GetBytes(Html(page, cancellation)));

    /// <summary>The text of the file.</summary>
    /// <param name="page">The page.</param>
    /// <param name="cancellation">Gives up between two sections.</param>
    public static string Html(Page page, CancellationToken cancellation = default)
    {
        page = ShownPage.Of(page);
        IEnumerable<XElement> body =
        [
            new XElement("header", new XElement("h1", page.Title)),
            .. Contents(page),
            new XElement("main", page.Sections.AsParallel().AsOrdered().WithCancellation(cancellation).Select(Section)),
        ];
        // In one pass, so that the text of a page may hold a placeholder.
        return Placeholder().Replace(
            Template(),
            placeholder => placeholder.Value == "{{title}}" ? WebUtility.HtmlEncode(page.Title) : string.Join("\n", body));
    }

    static IEnumerable<XElement> Contents(Page page)
    {
        if (page.Sections.Count >= SectionsWithContents)
        {
            yield return new XElement(
                "nav", new XAttribute("aria-label", "Contents"),
                new XElement("ol", page.Sections.Select((section, i) =>
                    new XElement("li", new XElement("a", new XAttribute("href", $"#{Id(i)}"), section.Title)))));
        }
    }

    static XElement Section(Section section, int index) => new(
        "section", new XAttribute("id", Id(index)),
        new XElement("h2", section.Title),
        Paragraphs(section.Text).Select(text => new XElement("p", text)),
        section.Grid is { } grid ? Table(grid, section.Title) : null,
        section.Lines.Count > 0 ? new XElement("pre", string.Join("\n", section.Lines)) : null,
        section.Pictures.Count > 0 ? Pictures(section.Pictures) : null);

    static XElement Table(Grid grid, string name) => new(
        "div", new XAttribute("class", "table"), Scrolling(name),
        new XElement(
            "table",
            new XElement("thead", new XElement("tr", grid.Columns.Select((heading, column) => Cell(grid, "th", "col", heading, column)))),
            new XElement("tbody", grid.Rows.Select(row =>
                new XElement("tr", row.Select((text, column) =>
                    column == 0 ? Cell(grid, "th", "row", text, column) : Cell(grid, "td", null, text, column)))))));

    static XElement Cell(Grid grid, string element, string? scope, string text, int column) => new(
        element,
        scope is null ? null : new XAttribute("scope", scope),
        grid.IsText(column) ? new XAttribute("class", "text") : null,
        text);

    static XElement Pictures(IReadOnlyList<Picture> pictures)
    {
        bool several = pictures.Count > 1;
        return new XElement(
            "div", new XAttribute("class", several ? "pictures several" : "pictures"),
            pictures.Select(picture => Figure(picture, several)));
    }

    // With a name and a tab stop, what scrolls can be reached without a mouse.
    static XAttribute[] Scrolling(string name) => [new("role", "region"), new("aria-label", name), new("tabindex", "0")];

    static XElement Figure(Picture picture, bool half)
    {
        const string dark = "(prefers-color-scheme: dark)";
        const string phone = "(max-width: 36rem)";
        XElement image = half
            ? Image(picture, DrawingStyle.Narrow(PlotColors.Light))
            : Image(picture, DrawingStyle.Wide(PlotColors.Light));
        image.SetAttributeValue("alt", Description(picture));
        IEnumerable<XElement> sources = half
            ? [Source(picture, DrawingStyle.Narrow(PlotColors.Dark), dark)]
            : [
                Source(picture, DrawingStyle.Narrow(PlotColors.Dark), $"{phone} and {dark}"),
                Source(picture, DrawingStyle.Narrow(PlotColors.Light), phone),
                Source(picture, DrawingStyle.Wide(PlotColors.Dark), dark),
            ];
        return new XElement("figure", new XElement("figcaption", picture.Title), new XElement("picture", sources, image));
    }

    static XElement Image(Picture picture, DrawingStyle style) => Draw(picture, style, "img", "src");

    static XElement Source(Picture picture, DrawingStyle style, string media)
    {
        XElement source = Draw(picture, style, "source", "srcset");
        source.SetAttributeValue("media", media);
        return source;
    }

    // Width and height reserve the picture's space until it is decoded.
    static XElement Draw(Picture picture, DrawingStyle style, string element, string address)
    {
        using Drawing drawing = Drawing.Of(picture, style);
        return new XElement(
            element, new XAttribute("width", drawing.Width), new XAttribute("height", drawing.Height),
            new XAttribute(address, $"data:image/svg+xml;base64,{Convert.ToBase64String(Encoding.UTF8.GetBytes(drawing.Svg()))}"));
    }

    static string Description(Picture picture) => picture switch
    {
        Chart chart => $"{chart.Title}: {chart.YLabel} over {chart.XLabel}; "
            + string.Join(", ",
            [
                .. chart.Series.Select(series => series.Name).Where(name => name.Length > 0),
                .. chart.Levels.Select(level => level.Name),
                .. chart.Moments.Select(moment => moment.Name),
            ]),
        ShadeMap map => $"{map.Title}: {map.YLabel} by {map.XLabel}, "
            + $"in {Format.Count(map.Values.GetLength(0))} rows and {Format.Count(map.Values.GetLength(1))} columns"
            + (map.Marked is { Columns.Count: > 0 } marked ? $"; {marked.Name}" : ""),
        _ => picture.Title,
    };

    static string[] Paragraphs(string text) =>
        text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    static string Id(int index) => $"section-{index + 1}";

    [GeneratedRegex(@"\{\{(title|body)\}\}")]
    private static partial Regex Placeholder();

    static string Template()
    {
        using var reader = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Report.html")!);
        return reader.ReadToEnd();
    }
}
