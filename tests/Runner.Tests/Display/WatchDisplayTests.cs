using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Display;
using NUnit.Framework;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Makemore.Gpu.Runner.Tests.Display;

/// <summary>What a watch saw, for a terminal of any width.</summary>
sealed class WatchDisplayTests
{
    const string Condition = "|t| > 0.97";

    static readonly WatchedStep Seen = new(
        7, 0.1f, new Dictionary<int, double> { [2] = 0.25, [5] = 1 },
        new Dictionary<string, double> { ["C"] = 1e-3, ["layers.0.weight"] = 1e-5, ["W2"] = 0.5 });

    [Test]
    public void A_line_names_every_layer_and_matrix() =>
        Assert.That(
            WatchDisplay.Line(Seen, Condition),
            Is.EqualTo(
                "before step 7: saturated, |t| > 0.97: layer 2 25.00%, layer 5 100.00%   "
                + "log10 update:data: C -3.00, layers.0.weight -5.00, W2 -0.30"));

    [Test]
    public void Without_tanh_there_is_nothing_to_saturate() =>
        Assert.That(
            WatchDisplay.Line(Seen with { Saturated = new Dictionary<int, double>() }, Condition),
            Does.StartWith("before step 7: log10 update:data: C"));

    // A quarter, and all; half of the way from -5 to -1, none of it, and more than all.
    [Test]
    public void Bars_are_as_long_as_the_numbers_are_large() =>
        Assert.That(Bars(Rendered(Seen, width: 120)), Is.EqualTo(new[] { 10, 40, 20, 0, 40 }));

    [Test]
    public void A_narrow_terminal_has_shorter_bars() => Assert.That(Bars(Rendered(Seen, width: 46)), Is.EqualTo(new[] { 2, 10, 5, 0, 10 }));

    [TestCase(36)]
    [TestCase(30)]
    public void A_terminal_without_space_for_bars_keeps_the_numbers(int width)
    {
        string text = Rendered(Seen, width);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Bars(text), Has.All.Zero);
            Assert.That(text, Does.Contain("25.00%").And.Contain("-3.00").And.Contain("layers.0.weight"));
            Assert.That(text.Split('\n'), Has.All.Length.LessThanOrEqualTo(width));
        }
    }

    [Test]
    public void A_ratio_that_is_no_number_has_no_bar() =>
        Assert.That(
            Bars(Rendered(Seen with { UpdateToData = new Dictionary<string, double> { ["C"] = double.NaN } }, width: 120)),
            Is.EqualTo(new[] { 10, 40, 0 }));

    static string Rendered(WatchedStep seen, int width)
    {
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(text), Ansi = AnsiSupport.No });
        console.Profile.Width = width;
        foreach (IRenderable part in WatchDisplay.Tables(seen, Condition, width))
        {
            console.Write(part);
            console.WriteLine();
        }
        return text.ToString();
    }

    // The bars of the rows with a number.
    static int[] Bars(string text) =>
        [.. text.Split('\n').Where(line => line.Contains('.', StringComparison.Ordinal) && !line.Contains('|', StringComparison.Ordinal)
            || line.Contains("not a number", StringComparison.Ordinal)).Select(line => line.Count(character => character == '█'))];
}
