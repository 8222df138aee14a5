using System.Globalization;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Display;

/// <summary>Shows training as the lectures do: a line with the loss of the batch of every N-th step, which is no mean.</summary>
/// <param name="session">Where to show it.</param>
/// <param name="steps">The steps of the whole run.</param>
/// <param name="every">N.</param>
sealed class StepLines(Session session, int steps, int every)
{
    readonly int width = Format.Count(steps).Length;

    /// <summary>Trains, and shows it.</summary>
    /// <param name="train">Trains, and reports the results of the steps of each launch.</param>
    public void Show(Action<Action<IReadOnlyList<StepResult>>> train)
    {
        session.Text.WriteLine($"the loss of the batch of every {(every == 1 ? "step" : Format.Counted(every, "step"))}:");
        train(results =>
        {
            foreach (StepResult result in results.Where(result => result.Step % every == 0))
            {
                string line = $"step {Format.Count(result.Step).PadLeft(width)} of {Format.Count(steps)}   loss {Format.Loss(result.Loss)}";
                session.Text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line}   rate {result.LearningRate}"));
            }
        });
    }
}
