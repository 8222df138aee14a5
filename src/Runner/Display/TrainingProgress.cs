using System.Diagnostics;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Makemore.Gpu.Runner.Display;

/// <summary>Shows how training goes: what moves on a terminal, a line now and then elsewhere.</summary>
/// <param name="session">Where to show it.</param>
/// <param name="steps">The steps of the whole run.</param>
/// <param name="trainer">The trainer.</param>
sealed class TrainingProgress(Session session, int steps, Trainer trainer)
{
    /// <summary>Lines of a whole run where there is no terminal.</summary>
    const int PlainLines = 10;

    // What is drawn more often, nobody sees, and training waits for it.
    static readonly TimeSpan BetweenDrawings = TimeSpan.FromMilliseconds(100);

    readonly TrainingStatus status = new(steps, trainer);

    /// <summary>Trains, and shows it.</summary>
    /// <param name="train">Trains, and reports the results of the steps of each launch.</param>
    public void Show(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        if (session.IsQuiet)
        {
            train(_ => { });
        }
        else if (!session.ShowsProgress)
        {
            ShowLines(train);
        }
        else
        {
            Draw(train);
        }
    }

    void ShowLines(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        int every = Math.Max(1, steps / PlainLines);
        int width = session.Tables.Profile.Width;
        int nextLine = 0;
        train(results =>
        {
            status.Add(results);
            if (trainer.StepsDone >= nextLine || trainer.StepsDone == steps)
            {
                string line = $"{status.Steps}   ";
                session.Text.WriteLine(line + status.Line(width - line.Length));
                if (trainer.Watch is { Steps: [.., WatchedStep last] } watch)
                {
                    session.Text.WriteLine($"  {WatchDisplay.Line(last, watch.SaturationCondition)}");
                }
                nextLine = ((trainer.StepsDone / every) + 1) * every;
            }
        });
    }

    void Draw(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        IAnsiConsole console = session.Tables;
        Sparkline curve = Terminal.Own.HasBlocks ? Sparkline.Blocks : Sparkline.Ascii;
        // In the last column, some terminals begin the next line.
        int width = console.Profile.Width - 1;
        long drawn = 0;
        console.Live(new Text("first step")).Start(context =>
        {
            train(results =>
            {
                status.Add(results);
                if (drawn == 0 || Stopwatch.GetElapsedTime(drawn) >= BetweenDrawings)
                {
                    Refresh();
                }
            });
            if (drawn != 0)
            {
                Refresh();
            }

            void Refresh()
            {
                IEnumerable<IRenderable> seen = trainer.Watch is { Steps: [.., WatchedStep last] } watch
                    ? WatchDisplay.Tables(last, watch.SaturationCondition, width)
                    : [];
                context.UpdateTarget(new Rows([.. status.Rows(width, curve).Select(row => new Text(row)), .. seen]));
                drawn = Stopwatch.GetTimestamp();
            }
        });
    }
}
