using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Tests.Display;

sealed class ConsolePageTests
{
    static readonly Pages.Grid Wide = new(
        ["tensor", "mean", "standard deviation", "gradient to data"],
        [["layers.0.weight", "-0.0012", "1.0031", "4.5E-04"], ["C", "12.5", "0.9", "1.0E-03"]]);

    [Test]
    public void A_page_is_written_in_its_order()
    {
        string[] lines = [.. Lines(SomePages.Page, 80).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '─')];
        Assert.That(lines, Is.EqualTo(new[]
        {
            "A run", "Loss", "What to look at.", "And why.", "Cells", "layer 1:  0.5", "layer 2: -0.5", "Tensors",
            "tensor    mean   deviation", "C         0.01           1", "W1       -12.5         0.2",
        }));
    }

    [TestCase(40, 40)]
    [TestCase(100, 100)]
    [TestCase(1000, 100)]
    public void Text_is_wrapped_between_words(int terminal, int widest)
    {
        string text = string.Join(' ', Enumerable.Repeat("saturated neurons learn nothing,", 20));
        string[] lines = [.. Lines(new Page("", [new Section("") { Text = text }]), terminal).Where(line => line.Length > 0)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(string.Join(' ', lines), Is.EqualTo(text));
            Assert.That(lines.Max(line => line.Length), Is.InRange(widest - 10, widest));
        }
    }

    [Test]
    public void A_word_that_is_too_long_stays_whole()
    {
        string path = new('x', 60);
        Assert.That(Lines(new Page("", [new Section("") { Text = $"see {path} there" }]), 40), Does.Contain(path));
    }

    [Test]
    public void Lines_are_left_as_they_are()
    {
        string line = $"{new string(' ', 20)}{new string('x', 200)}  end  ";
        Assert.That(Lines(new Page("", [new Section("") { Lines = [line] }]), 40), Does.Contain(line));
    }

    [Test]
    public void Nothing_is_taken_for_markup()
    {
        string all = string.Join('\n', Lines(SomePages.HostilePage, 1000));
        Assert.That(Regex.Count(all, Regex.Escape(SomePages.Hostile)), Is.EqualTo(8));
    }

    [Test]
    public void Numbers_stand_below_each_other()
    {
        string[] lines = Lines(Table(Wide), 100);
        int[] ends = Array.ConvertAll(["-0.0012", "12.5"], cell =>
            lines.Single(line => line.Contains(cell, StringComparison.Ordinal)).IndexOf(cell, StringComparison.Ordinal) + cell.Length);
        Assert.That(ends[0], Is.EqualTo(ends[1]));
    }

    [Test]
    public void A_table_for_which_there_is_little_space_has_folded_headings()
    {
        string[] lines = Lines(Table(Wide), 60);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.All.Length.LessThanOrEqualTo(60));
            Assert.That(lines, Has.One.Matches("standard .*gradient"));
            Assert.That(lines, Has.One.Matches("layers.0.weight .*-0.0012 .*1.0031 .*4.5E-04"));
        }
    }

    [Test]
    public void A_table_for_which_there_is_no_space_has_a_line_for_each_cell() =>
        Assert.That(Lines(Table(Wide), 30)[4..], Is.EqualTo(new[]
        {
            "layers.0.weight", "  mean: -0.0012", "  standard deviation: 1.0031", "  gradient to data: 4.5E-04",
            "C", "  mean: 12.5", "  standard deviation: 0.9", "  gradient to data: 1.0E-03",
        }));

    static Page Table(Pages.Grid grid) => new("page", [new Section("section") { Grid = grid }]);

    static string[] Lines(Page page, int width)
    {
        using var writer = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = width;
        ConsolePage.Write(console, page);
        return writer.ToString().ReplaceLineEndings("\n").TrimEnd('\n').Split('\n');
    }
}
