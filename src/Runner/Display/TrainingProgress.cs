using Makemore.Gpu.Model.Training;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Display;

/// <summary>Shows how training goes: a bar that moves on a terminal, a line now and then elsewhere.</summary>
static class TrainingProgress
{
    /// <summary>The loss that is shown is the mean over so many steps: that of a single batch jumps about.</summary>
    const int SmoothedSteps = 1000;

    /// <summary>Lines of a whole run where there is no terminal.</summary>
    const int PlainLines = 20;

    /// <summary>Trains, and shows it.</summary>
    /// <param name="session">Where to show it.</param>
    /// <param name="steps">The steps of the whole run.</param>
    /// <param name="trainer">The trainer, for its speed.</param>
    /// <param name="train">Trains, and reports the results of each chunk of steps.</param>
    public static void Show(Session session, int steps, Trainer trainer, Action<Action<IReadOnlyList<StepResult>>> train)
    {
        var losses = new Queue<float>();
        void Smooth(IReadOnlyList<StepResult> results)
        {
            foreach (StepResult result in results)
            {
                losses.Enqueue(result.Loss);
                if (losses.Count > SmoothedSteps)
                {
                    losses.Dequeue();
                }
            }
        }
        string Status() => $"loss {Format.Loss(losses.Average())}{Speed()}";
        string Speed() => trainer.StepsPerSecond > 0
            ? $"   {Format.Count((long)trainer.StepsPerSecond)} steps/s   {Format.Duration(TimeSpan.FromSeconds((steps - trainer.StepsDone) / trainer.StepsPerSecond))} left"
            : "";

        if (session.IsTerminal)
        {
            session.Tables.Progress()
                .Columns(new ProgressBarColumn(), new PercentageColumn(), new TaskDescriptionColumn { Alignment = Justify.Left })
                .Start(context =>
                {
                    ProgressTask task = context.AddTask("first step", maxValue: steps);
                    train(results =>
                    {
                        Smooth(results);
                        task.Value = trainer.StepsDone;
                        task.Description = Status();
                    });
                });
            return;
        }

        int nextLine = 0;
        train(results =>
        {
            Smooth(results);
            if (trainer.StepsDone >= nextLine || trainer.StepsDone == steps)
            {
                session.Text.WriteLine($"step {Format.Count(trainer.StepsDone)} of {Format.Count(steps)}   {Status()}");
                nextLine = trainer.StepsDone + Math.Max(1, steps / PlainLines);
            }
        });
    }
}
