using System.Globalization;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Display;

/// <summary>How training goes, in a line.</summary>
/// <param name="steps">The steps of the whole run.</param>
/// <param name="trainer">The trainer.</param>
sealed class TrainingStatus(int steps, Trainer trainer)
{
    /// <summary>The loss that is shown is the mean over so many steps: that of a single batch jumps about.</summary>
    const int SmoothedSteps = 1000;

    const string Gap = "   ";

    readonly Queue<float> losses = new();
    StepResult last;
    double? devLoss;

    /// <summary>The last step that was done, from 0, of all.</summary>
    public string Steps => $"step {Format.Count(last.Step)} of {Format.Count(steps)}";

    /// <summary>Takes in the results of some steps.</summary>
    /// <param name="results">The results.</param>
    public void Add(IReadOnlyList<StepResult> results)
    {
        foreach (StepResult result in results)
        {
            losses.Enqueue(result.Loss);
            devLoss = result.DevLoss ?? devLoss;
            if (losses.Count > SmoothedSteps)
            {
                losses.Dequeue();
            }
        }
        last = results[^1];
    }

    /// <summary>Loss, the last dev loss, learning rate, speed and the time left: as many of them, in this order, as fit.</summary>
    /// <param name="width">Characters of a line.</param>
    public string Line(int width)
    {
        string line = Parts().First();
        foreach (string part in Parts().Skip(1).TakeWhile(part => line.Length + Gap.Length + part.Length <= width))
        {
            line += Gap + part;
        }
        return line;
    }

    IEnumerable<string> Parts()
    {
        yield return $"loss {Format.Loss(losses.Average())} (mean of {Format.Counted(losses.Count, "step")})";
        if (devLoss is { } dev)
        {
            yield return $"dev {Format.Loss(dev)}";
        }
        yield return string.Create(CultureInfo.InvariantCulture, $"rate {last.LearningRate}");
        if (trainer.StepsPerSecond > 0)
        {
            yield return $"{Format.Count((long)trainer.StepsPerSecond)} steps/s";
            yield return $"{Format.Duration(TimeSpan.FromSeconds((steps - trainer.StepsDone) / trainer.StepsPerSecond))} left";
        }
    }
}
