using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Display;
using NUnit.Framework;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Tests.Display;

sealed class SlowWorkTests
{
    [Test]
    public void Work_that_takes_long_shows_on_a_terminal_what_it_counts_and_how_far_it_is()
    {
        string shown = Shown(TimeSpan.Zero, work =>
        {
            work.Report(0);
            work.WriteLine("anna");
            work.Report(30);
        });
        Assert.That(shown, Does.Contain("examples").And.Contain("anna").And.Contain("75%"));
    }

    [Test]
    public void Work_that_is_soon_done_shows_its_lines_alone() =>
        Assert.That(
            Shown(TimeSpan.FromDays(1), work =>
            {
                work.WriteLine("anna");
                work.Report(40);
            }),
            Is.EqualTo("anna" + Environment.NewLine));

    [Test]
    public void Where_there_is_no_terminal_lines_are_written_and_nothing_is_drawn()
    {
        using var text = new StringWriter();
        using (var work = new SlowWork(text, terminal: null, "examples", 40) { Patience = TimeSpan.Zero })
        {
            work.Report(20);
            work.WriteLine("anna");
        }
        Assert.That(text.ToString(), Is.EqualTo("anna" + Environment.NewLine));
    }

    [TestCase(0, true)]
    [TestCase(1, false)]
    public void A_training_that_takes_long_shows_on_a_terminal_how_far_it_is(int days, bool isShown)
    {
        using var text = new StringWriter();
        using (var runs = new SlowRuns(TerminalOn(text)) { Patience = TimeSpan.FromDays(days) })
        {
            runs.Report(new RunProgress("kaiming", 300, 1000));
        }
        Assert.That(text.ToString().Contains("kaiming, step 300 of 1,000", StringComparison.Ordinal), Is.EqualTo(isShown));
    }

    static string Shown(TimeSpan patience, Action<SlowWork> run)
    {
        using var text = new StringWriter();
        using (var work = new SlowWork(text, TerminalOn(text), "examples", 40) { Patience = patience })
        {
            run(work);
        }
        return text.ToString();
    }

    static IAnsiConsole TerminalOn(TextWriter text)
    {
        IAnsiConsole terminal = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(text),
            Ansi = AnsiSupport.Yes,
            Interactive = InteractionSupport.Yes,
        });
        terminal.Profile.Width = 80;
        return terminal;
    }
}
