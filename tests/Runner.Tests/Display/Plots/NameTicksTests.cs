using System.Xml.Linq;
using Makemore.Gpu.Runner.Display.Plots;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Display.Plots;

/// <summary>Names along the axes of charts and maps.</summary>
sealed class NameTicksTests
{
    static readonly string[] Long = ["batchnorm", "deep-tanh", "small-logits", "scaled-hidden", "deep-batchnorm", "deep-linear"];

    static readonly ShadeMap Map = new(
        "map", "A map", "hidden", "learning-rate", new[,] { { 2.1, 2.2, double.NaN }, { 2.3, 2.4, 2.5 } }, Black: 2.1, White: 2.5)
    {
        Names = ["50", "100", "100,100"],
        RowNames = ["0.1", "a name that is much longer than any column"],
        Missing = "none was trained",
    };

    [Test]
    public void Names_that_fit_lie_side_by_side()
    {
        (string Text, bool IsOnEnd)[] texts = Texts(Named(["hidden", "batch"]), DrawingStyle.File);
        Assert.That(texts, Is.SupersetOf(new[] { ("hidden", false), ("batch", false) }));
    }

    [Test]
    public void Names_that_do_not_fit_stand_on_end_all_of_them()
    {
        DrawingStyle narrow = DrawingStyle.Narrow(PlotColors.Light);
        (string Text, bool IsOnEnd)[] texts = Texts(Named(Long), narrow);
        Assert.That(texts, Is.SupersetOf(Long.Select(name => (name, true))));
        using Drawing drawing = Drawing.Of(Named(Long), narrow);
        Assert.That(drawing.Height, Is.GreaterThan(narrow.Height + 50), "the data keep their height");
    }

    [Test]
    public void Letters_lie_however_many_they_are()
    {
        string[] letters = [.. Enumerable.Range('a', 26).Select(i => $"{(char)i}")];
        (string Text, bool IsOnEnd)[] texts = Texts(Named(letters), DrawingStyle.Narrow(PlotColors.Light));
        Assert.That(texts, Does.Contain(("a", false)));
        Assert.That(texts.Select(text => text.IsOnEnd).Count(isOnEnd => isOnEnd), Is.EqualTo(1), "that of the vertical axis");
    }

    [Test]
    public void A_map_names_rows_and_columns_and_says_what_a_cross_is()
    {
        string[] texts = [.. Texts(Map, DrawingStyle.File).Select(text => text.Text)];
        Assert.That(
            texts,
            Is.SupersetOf(new[] { "50", "100", "100,100", "0.1", "a name that is mu…", "none was trained", "2.100", "2.500" }));
        Assert.That(Texts(Map with { Missing = "" }, DrawingStyle.File).Select(text => text.Text), Does.Not.Contain("none was trained"));
    }

    [Test]
    public void Cells_with_names_are_larger()
    {
        using Drawing named = Drawing.Of(Map, DrawingStyle.File);
        using Drawing counted = Drawing.Of(Map with { RowNames = [] }, DrawingStyle.File);
        Assert.That(named.Height, Is.GreaterThan(counted.Height + 30));
    }

    [Test]
    public void Strange_names_are_shown_as_any_text()
    {
        var page = new Page("", [new Section("") { Pictures = [Map with { RowNames = ["\u001b[31m", "b"], Missing = "\u0007" }] }]);
        var map = (ShadeMap)ShownPage.Of(page).Sections[0].Pictures[0];
        Assert.That((map.RowNames[0], map.Missing), Is.EqualTo((ShownText.Line("\u001b[31m"), ShownText.Line("\u0007"))));
    }

    static Chart Named(string[] names) => SomePages.ChartOf([.. names.Select((_, i) => (double)i)]) with { Names = names };

    static (string Text, bool IsOnEnd)[] Texts(Picture picture, DrawingStyle style)
    {
        using Drawing drawing = Drawing.Of(picture, style);
        return
        [
            .. XDocument.Parse(drawing.Svg()).Descendants().Where(element => element.Name.LocalName == "text")
                .Select(text => (text.Value.Trim(), text.Attribute("transform")!.Value.Contains("(0 -1 1 0 ", StringComparison.Ordinal))),
        ];
    }
}
