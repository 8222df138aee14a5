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

    // What percentage and bar take of a line, with the space around them.
    const int PercentageWidth = 6;
    const int BarWidth = 24;

    // A status with the time left in minutes. Where it does not fit beside the bar, there is no bar.
    const int StatusWidth = 81;

    readonly TrainingStatus status = new(steps, trainer);

    /// <summary>Trains, and shows it.</summary>
    /// <param name="train">Trains, and reports the results of the steps of each launch.</param>
    public void Show(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        if (session.IsQuiet)
        {
            train(_ => { });
        }
        else if (!session.IsTerminal)
        {
            ShowLines(train);
        }
        else if (trainer.Watch is { } watch)
        {
            ShowWatch(watch, train);
        }
        else
        {
            ShowBar(train);
        }
    }

    void ShowLines(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        int every = Math.Max(1, steps / PlainLines);
        int nextLine = 0;
        train(results =>
        {
            status.Add(results);
            if (trainer.StepsDone >= nextLine || trainer.StepsDone == steps)
            {
                session.Text.WriteLine($"{status.Steps}   {status.Line(int.MaxValue)}");
                if (trainer.Watch is { Steps: [.., WatchedStep last] } watch)
                {
                    session.Text.WriteLine($"  {WatchDisplay.Line(last, watch.SaturationCondition)}");
                }
                nextLine = ((trainer.StepsDone / every) + 1) * every;
            }
        });
    }

    void ShowBar(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        IAnsiConsole console = session.Tables;
        bool isWide = console.Profile.Width >= BarWidth + PercentageWidth + StatusWidth;
        int lineWidth = console.Profile.Width - PercentageWidth - (isWide ? BarWidth : 0);
        ProgressColumn[] columns = [new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left }];
        console.Progress().Columns(isWide ? [new ProgressBarColumn { Width = BarWidth - 4 }, .. columns] : columns).Start(context =>
        {
            ProgressTask task = context.AddTask("first step", maxValue: steps);
            train(results =>
            {
                status.Add(results);
                task.Value = trainer.StepsDone;
                task.Description = status.Line(lineWidth);
            });
        });
    }

    void ShowWatch(TrainingWatch watch, Action<Action<IReadOnlyList<StepResult>>> train)
    {
        IAnsiConsole console = session.Tables;
        int width = console.Profile.Width;
        console.Live(new Text("first step")).Start(context => train(results =>
        {
            status.Add(results);
            IEnumerable<IRenderable> seen = watch.Steps is [.., WatchedStep last]
                ? WatchDisplay.Tables(last, watch.SaturationCondition, width)
                : [];
            context.UpdateTarget(new Rows([new Text(status.Steps), new Text(status.Line(width)), .. seen]));
        }));
    }
}
