using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Display.Plots;
using Makemore.Gpu.Runner.Display.Web;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Display;

/// <summary>
/// A page as one file for a browser, which needs nothing else: no network, no font. A script draws its charts, with the values under the
/// cursor; where scripts do not run, and on paper, each is a picture.
/// </summary>
static partial class HtmlReport
{
    /// <summary>The name of the file.</summary>
    public const string FileName = "report.html";

    // Fewer are seen at a glance.
    const int SectionsWithContents = 3;

    // What a table may have at most without being folded on a phone, and what its columns take.
    const int CharactersOfPhone = 44;
    const int CharactersOfText = 16;
    const int CharactersBetweenColumns = 2;

    static readonly DrawingStyle Wide = DrawingStyle.Wide(PlotColors.Light);
    static readonly DrawingStyle Narrow = DrawingStyle.Narrow(PlotColors.Light);

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
        (string style, string script) = (WebText.Styles("report.css"), WebText.Scripts("report.js"));
        var parts = new Dictionary<string, string>
        {
            ["{{policy}}"] = "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
                + $"style-src {WebText.Source(style)}; script-src {WebText.Source(script)}",
            ["{{title}}"] = WebUtility.HtmlEncode(page.Title),
            ["{{style}}"] = style,
            ["{{length}}"] = HasContents(page) ? "report long" : "report",
            // Spaces between elements would be seen in lines of a fixed width.
            ["{{body}}"] = string.Join("\n", body.Select(part => part.ToString(SaveOptions.DisableFormatting))),
            ["{{script}}"] = script,
        };
        // In one pass, so that the text of a page may hold a placeholder.
        return Placeholder().Replace(WebText.Read("report.html"), placeholder => parts[placeholder.Value]);
    }

    static bool HasContents(Page page) => page.Sections.Count >= SectionsWithContents;

    static IEnumerable<XElement> Contents(Page page)
    {
        if (HasContents(page))
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
        section.Facts.Count > 0 ? Facts(section.Facts) : Text(section),
        section.Grid is { } grid ? Table(grid, section.Title) : null,
        section.Lines.Count > 0 ? Lines(section.Lines) : null,
        section.Pictures.Count > 0 ? Pictures(section.Pictures) : null,
        section.Words.Count > 0 ? Words(section.Words) : null,
        // What numbers tell at a glance needs its explanation later.
        section.Facts.Count > 0 ? Text(section) : null);

    static XElement Lines(IReadOnlyList<string> lines) =>
        new("pre", lines.SkipLast(1).Select(line => Line(line + "\n")), Line(lines[^1]));

    // A line that is too long goes on below, but a number with a sign stays whole and with what it belongs to.
    static XElement Line(string line) => new(
        "span", SignedNumber().Split(line).Select((part, i) => i % 2 == 0 ? (object)part : new XElement("b", part)));

    static IEnumerable<XElement> Text(Section section) => Paragraphs(section.Text).Select(text => new XElement("p", text));

    static XElement Facts(IReadOnlyList<Fact> facts) => new(
        "dl", new XAttribute("class", "facts"),
        facts.Select(fact => new XElement(
            "div", new XElement("dt", fact.Name),
            new XElement("dd", fact.Value, fact.Note.Length > 0 ? new XElement("small", " " + fact.Note) : null))));

    static XElement Words(IReadOnlyList<Word> words) => new(
        "ul", new XAttribute("class", "words"),
        words.Select(word => new XElement("li", new XElement("span", word.Text), " ", new XElement("small", word.Note))));

    static XElement Table(Grid grid, string name) => new(
        "div", new XAttribute("class", IsWide(grid) ? "table wide" : "table"), Scrolling(name),
        new XElement(
            "table", Role("table"),
            new XElement("thead", Role("rowgroup"), new XElement("tr", Role("row"), grid.Columns.Select((heading, column) =>
                Cell(grid, "th", "col", heading, column)))),
            new XElement("tbody", Role("rowgroup"), grid.Rows.Select(row =>
                new XElement("tr", Role("row"), row.Select((text, column) =>
                    column == 0 ? Cell(grid, "th", "row", text, column) : Cell(grid, "td", null, text, column)))))));

    // On a phone each row of a wide table becomes a block. It remains a table for who hears it.
    static XAttribute Role(string role) => new("role", role);

    static bool IsWide(Grid grid) =>
        Enumerable.Range(0, grid.Columns.Count).Sum(column => CharactersBetweenColumns + WidthOf(grid, column)) > CharactersOfPhone;

    // Words are wrapped; a heading is, too.
    static int WidthOf(Grid grid, int column)
    {
        int longest = grid.Rows.Select(row => row[column].Length).DefaultIfEmpty().Max();
        int heading = grid.Columns[column].Split(' ').Max(word => word.Length);
        return Math.Max(heading, column > 0 && grid.IsText(column) ? Math.Min(longest, CharactersOfText) : longest);
    }

    static XElement Cell(Grid grid, string element, string? scope, string text, int column) => new(
        element,
        scope is null ? new XAttribute("data-heading", grid.Columns[column]) : new XAttribute("scope", scope),
        Role(scope switch { null => "cell", "col" => "columnheader", _ => "rowheader" }),
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
        string? data = picture is Chart chart ? ChartData.Of(chart) : null;
        XElement image = Draw(picture, half ? Narrow : Wide, "img", "src");
        image.SetAttributeValue("alt", Description(picture));
        // The few who see the picture of a chart itself see a smaller one on a phone.
        bool hasNarrow = !half && data is null;
        return new XElement(
            "figure",
            data is null ? null : new XAttribute("data-chart", picture.Name),
            new XElement("figcaption", picture.Title),
            data is null ? null : new XElement("script", new XAttribute("type", "application/json"), data),
            new XElement("picture", hasNarrow ? NarrowSource(picture) : null, image));
    }

    static XElement NarrowSource(Picture picture)
    {
        XElement source = Draw(picture, Narrow, "source", "srcset");
        source.SetAttributeValue("media", "(max-width: 36rem)");
        return source;
    }

    // Width and height reserve the picture's space until it is decoded.
    static XElement Draw(Picture picture, DrawingStyle style, string element, string address)
    {
        using Drawing drawing = Drawing.Of(picture, style);
        byte[] svg = Encoding.UTF8.GetBytes(DarkStyle.AddTo(drawing.Svg()));
        return new XElement(
            element, new XAttribute("width", drawing.Width), new XAttribute("height", drawing.Height),
            new XAttribute(address, $"data:image/svg+xml;base64,{Convert.ToBase64String(svg)}"));
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

    [GeneratedRegex(@"(\S+ {1,2}[-+]\d\S*)")]
    private static partial Regex SignedNumber();

    [GeneratedRegex(@"\{\{\w+\}\}")]
    private static partial Regex Placeholder();
}
