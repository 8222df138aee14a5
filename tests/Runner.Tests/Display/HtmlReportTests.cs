using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Display;

sealed partial class HtmlReportTests
{
    [Test]
    public void Every_section_is_there_with_its_parts()
    {
        XElement[] sections = [.. Body(SomePages.Page).Elements("section")];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sections.Select(section => section.Element("h2")!.Value), Is.EqualTo(new[] { "Loss", "Cells", "Tensors" }));
            Assert.That(sections[0].Elements("p").Select(text => text.Value), Is.EqualTo(new[] { "What to look at.", "And why." }));
            Assert.That(sections[1].Element("pre")!.Value, Is.EqualTo("layer 1:  0.5\nlayer 2: -0.5"));
            Assert.That(Cells(sections[2], "th"), Is.EqualTo(new[] { "tensor", "mean", "deviation", "C", "W1" }));
            Assert.That(Cells(sections[2], "td"), Is.EqualTo(new[] { "0.01", "1", "-12.5", "0.2" }));
            Assert.That(sections.Select(section => section.Descendants("figure").Count()), Is.EqualTo(new[] { 1, 2, 0 }));
        }
    }

    [Test]
    public void Contents_lead_to_the_sections()
    {
        string html = HtmlReport.Html(SomePages.Page);
        XElement contents = XElement.Parse(
            html[html.IndexOf("<nav", StringComparison.Ordinal)..(html.IndexOf("</nav>", StringComparison.Ordinal) + 6)]);
        IEnumerable<(string?, string)> sections = Body(SomePages.Page).Elements("section")
            .Select(section => ((string?)section.Attribute("id"), section.Element("h2")!.Value));
        Assert.That(contents.Descendants("a").Select(link => (((string?)link.Attribute("href"))?[1..], link.Value)), Is.EqualTo(sections));
    }

    [Test]
    public void Two_sections_need_no_contents() =>
        Assert.That(HtmlReport.Html(SomePages.Page with { Sections = [.. SomePages.Page.Sections.Take(2)] }), Does.Not.Contain("<nav "));

    [Test]
    public void Every_picture_has_a_caption_a_description_and_its_position()
    {
        foreach (XElement figure in Body(SomePages.Page).Descendants("figure"))
        {
            XElement image = figure.Descendants("img").Single();
            using (Assert.EnterMultipleScope())
            {
                Assert.That(figure.Element("figcaption")!.Value, Is.Not.Empty);
                Assert.That((string?)image.Attribute("alt"), Does.StartWith(figure.Element("figcaption")!.Value).And.Contain(" "));
                Assert.That((int?)image.Attribute("width"), Is.GreaterThan(300));
                Assert.That((int?)image.Attribute("height"), Is.GreaterThan(100));
            }
        }
    }

    [Test]
    public void Every_picture_is_drawn_for_light_and_dark()
    {
        XElement[] figures = [.. Body(SomePages.Page).Descendants("figure")];
        Assert.That(figures, Has.Length.EqualTo(3));
        foreach (XElement drawing in figures.SelectMany(figure => figure.Descendants("picture").Elements()))
        {
            XElement svg = Svg((string?)drawing.Attribute("src") ?? (string)drawing.Attribute("srcset")!);
            XNamespace names = svg.Name.Namespace;
            using (Assert.EnterMultipleScope())
            {
                // The first rectangle is the background.
                Assert.That((string)svg.Element(names + "rect")!.Attribute("fill")!, Is.EqualTo("white"));
                Assert.That(svg.Value, Does.Contain("@media (prefers-color-scheme: dark) { svg > rect:first-of-type { fill: #15181C }"));
            }
        }
    }

    // Every color that is drawn has another one in the dark, but for the shades of a map.
    [Test]
    public void No_color_of_a_chart_is_left_light_in_the_dark()
    {
        XElement svg = Svg((string)Body(SomePages.Page).Descendants("img").First().Attribute("src")!);
        string[] colors =
        [
            .. svg.Descendants().Attributes().Where(attribute => attribute.Name.LocalName is "fill" or "stroke")
                .Select(attribute => attribute.Value).Where(color => color is not ("white" or "none")).Distinct(),
        ];
        Assert.That(colors, Has.Length.GreaterThan(3));
        Assert.That(colors, Is.All.Matches<string>(color => svg.Value.Contains($"=\"{color}\"]", StringComparison.Ordinal)));
    }

    [Test]
    public void A_chart_is_there_as_data_for_the_script_that_draws_it()
    {
        XElement[] figures = [.. Body(SomePages.Page).Descendants("figure")];
        Assert.That(figures.Select(figure => (string?)figure.Attribute("data-chart")), Is.EqualTo(new[] { "loss", null, "calibration" }));
        JsonElement chart = JsonDocument.Parse(figures[0].Element("script")!.Value).RootElement;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chart.GetProperty("series")[1].GetProperty("name").GetString(), Is.EqualTo("average"));
            Assert.That(chart.GetProperty("levels")[0].GetProperty("at").GetDouble(), Is.EqualTo(2.5));
            Assert.That(figures[1].Element("script"), Is.Null);
        }
    }

    [Test]
    public void Numbers_that_tell_most_come_first_and_their_explanation_last()
    {
        var section = new Section("Summary")
        {
            Facts = [new Fact("new names", "15", "of 20")],
            Text = "Why.",
            Words = [new Word("emma", "train"), new Word("zoel", "new")],
        };
        XElement shown = Body(new Page("", [section])).Element("section")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shown.Elements().Select(element => element.Name.LocalName), Is.EqualTo(new[] { "h2", "dl", "ul", "p" }));
            Assert.That(shown.Descendants("dd").Single().Value, Is.EqualTo("15 of 20"));
            Assert.That(shown.Descendants("li").Select(word => word.Value.Trim()), Is.EqualTo(new[] { "emma train", "zoel new" }));
        }
    }

    [Test]
    public void A_table_that_is_too_wide_for_a_phone_is_folded_there()
    {
        Grid narrow = new(["tensor", "mean"], [["C", "0.01"]]);
        Grid wide = new(["matrix", "step 0", "step 1,000"], [["a.rather.long.name.of.a.matrix", "-3.00000", "-2.00000"]]);
        var page = new Page("", [new Section("") { Grid = narrow }, new Section("") { Grid = wide }]);
        XElement[] tables = [.. Body(page).Descendants("div")];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tables.Select(table => (string?)table.Attribute("class")), Is.EqualTo(new[] { "table", "table wide" }));
            Assert.That(
                tables[1].Descendants("td").Select(cell => (string?)cell.Attribute("data-heading")),
                Is.EqualTo(new[] { "step 0", "step 1,000" }));
        }
    }

    [Test]
    public void A_line_is_broken_nowhere_within_a_signed_number()
    {
        var section = new Section("") { Lines = ["a  +1.39   b  -0.17", "layer 2 (   Tanh): mean -1.234421e-12, std 2"] };
        XElement lines = Body(new Page("", [section])).Descendants("pre").Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines.Value, Is.EqualTo(string.Join("\n", section.Lines)));
            Assert.That(
                lines.Descendants("b").Select(whole => whole.Value),
                Is.EqualTo(new[] { "a  +1.39", "b  -0.17", "mean -1.234421e-12," }));
        }
    }

    // A line that is longer than its box is wrapped, and a table that is wider than the page scrolls.
    [Test]
    public void Nothing_runs_out_of_its_box()
    {
        string html = HtmlReport.Html(SomePages.Page);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Rule("pre"), Does.Contain("white-space: pre-wrap").And.Contain("overflow-wrap: anywhere"));
            Assert.That(Rule("td.text"), Does.Contain("overflow-wrap: anywhere"));
            Assert.That(Rule(".table"), Does.Contain("overflow-x: auto"));
        }

        string Rule(string selector) =>
            Regex.Match(html, $@"^{Regex.Escape(selector)} \{{([^}}]*)\}}", RegexOptions.Multiline).Groups[1].Value;
    }

    [Test]
    public void Marks_are_part_of_the_description()
    {
        ShadeMap marked = SomePages.Corner with { Marked = new MarkedColumns("dead: 7", [7]) };
        Chart chart = SomePages.Loss with { Moments = [new Moment(100, "the drop")] };
        string html = HtmlReport.Html(new Page("", [new Section("") { Pictures = [marked, chart] }]));
        Assert.That(html, Does.Contain("20 columns; dead: 7\"").And.Contain("best, the drop\""));
    }

    // The address is that of uPlot, in its notice of license.
    [Test]
    public void Nothing_is_fetched_and_nothing_runs_but_the_scripts_of_the_program()
    {
        string html = HtmlReport.Html(SomePages.Page);
        IEnumerable<string> addresses = Addresses().Matches(html).Select(match => match.Groups[1].Value);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(addresses, Is.All.StartsWith("data:image/svg+xml;base64,").Or.StartsWith("#section-"));
            Assert.That(
                html.Replace("/*! https://github.com/leeoniya/uPlot", "", StringComparison.Ordinal),
                Does.Not.Contain("http:").And.Not.Contain("https:").And.Not.Contain("<link")
                    .And.Not.Contain("@import").And.Not.Contain("url("));
            Assert.That(Regex.Count(html, "<script>"), Is.EqualTo(1));
            Assert.That(
                html,
                Does.Match("Content-Security-Policy\" content=\"default-src 'none'; img-src data:; [^\"]*script-src 'sha256-[^ ]*'\""));
            foreach (string address in addresses.Where(address => address.StartsWith("data:", StringComparison.Ordinal)))
            {
                string[] links =
                [
                    .. Svg(address).DescendantsAndSelf().Attributes().Where(attribute => attribute.Name.LocalName == "href")
                        .Select(attribute => attribute.Value),
                ];
                Assert.That(links, Is.All.StartsWith("data:").Or.StartsWith("#"));
            }
        }
    }

    [Test]
    public void Text_is_escaped_wherever_it_stands()
    {
        string html = HtmlReport.Html(SomePages.HostilePage);
        XElement section = Body(SomePages.HostilePage).Elements("section").Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(html, Does.Not.Contain("<script>alert"));
            Assert.That(
                JsonDocument.Parse(section.Descendants("script").Single().Value).RootElement.GetProperty("title").GetString(),
                Is.EqualTo(SomePages.Hostile));
            Assert.That(Regex.Count(html, "</pre>"), Is.EqualTo(1));
            Assert.That(section.Element("h2")!.Value, Is.EqualTo(SomePages.Hostile));
            Assert.That(section.Element("p")!.Value, Is.EqualTo(SomePages.Hostile));
            Assert.That(section.Element("pre")!.Value, Is.EqualTo(SomePages.Hostile));
            Assert.That(Cells(section, "th").Concat(Cells(section, "td")), Is.All.EqualTo(SomePages.Hostile));
            Assert.That(section.Descendants("figcaption").Single().Value, Is.EqualTo(SomePages.Hostile));
            Assert.That((string?)section.Descendants("img").Single().Attribute("alt"), Does.StartWith(SomePages.Hostile));
            Assert.That(Svg((string)section.Descendants("img").Single().Attribute("src")!).Value, Does.Contain(SomePages.Hostile));
        }
    }

    [Test]
    public void It_is_for_every_screen_and_in_english()
    {
        string html = HtmlReport.Html(SomePages.Page);
        Assert.That(html, Does.StartWith("<!doctype html>\n<html lang=\"en\">")
            .And.Contain("<title>A run</title>")
            .And.Contain("name=\"viewport\" content=\"width=device-width, initial-scale=1\""));
    }

    [Test]
    public void The_same_page_is_the_same_file()
    {
        string first = HtmlReport.Html(SomePages.Page);
        Assert.That(HtmlReport.Html(SomePages.Page), Is.EqualTo(first));
    }

    [Test]
    public void A_page_of_nothing_is_one() =>
        Assert.That(HtmlReport.Html(new Page("", [new Section("")])), Does.Contain("<h1></h1>").And.Contain("<main>"));

    static XElement Body(Page page)
    {
        string html = HtmlReport.Html(page);
        return XElement.Parse(
            html[html.IndexOf("<main>", StringComparison.Ordinal)..(html.IndexOf("</main>", StringComparison.Ordinal) + "</main>".Length)],
            LoadOptions.PreserveWhitespace);
    }

    static IEnumerable<string> Cells(XElement section, string kind) => section.Descendants(kind).Select(cell => cell.Value);

    static XElement Svg(string address) =>
        XElement.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(address[(address.IndexOf(',', StringComparison.Ordinal) + 1)..])));

    [GeneratedRegex("(?:src|srcset|href)=\"([^\"]*)\"")]
    private static partial Regex Addresses();
}
