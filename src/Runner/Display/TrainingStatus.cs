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

    // Beside it, a curve begins.
    const int LossWidth = 13;

    // Longer curves tell no more.
    const int WidestCurve = 80;

    readonly Queue<float> losses = new();
    readonly LossColumns training = new(steps);
    readonly LossColumns dev = new(steps);
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
            training.Add(result.Step, result.Loss);
            if (result.DevLoss is { } measured)
            {
                devLoss = measured;
                dev.Add(result.Step, measured);
            }
            if (losses.Count > SmoothedSteps)
            {
                losses.Dequeue();
            }
        }
        last = results[^1];
    }

    /// <summary>Loss, the last dev loss, learning rate, speed and the time left: as many of them, in this order, as fit.</summary>
    /// <param name="width">Characters of a line.</param>
    public string Line(int width) => Fit(Parts(), width);

    /// <summary>
    /// The steps, the losses with their curves, and below as much of time left, speed and learning rate as fits. The curves fill the line
    /// as the run goes on, and have one scale.
    /// </summary>
    /// <param name="width">Characters of a line.</param>
    /// <param name="curve">Draws a curve.</param>
    public IEnumerable<string> Rows(int width, Sparkline curve)
    {
        int columns = Math.Clamp(width - LossWidth, 1, WidestCurve);
        (IReadOnlyList<double?> ofTraining, IReadOnlyList<double?> ofDev) = (training.Of(columns), dev.Of(columns));
        double[] scale = [.. ofTraining.Concat(ofDev).OfType<double>().Where(double.IsFinite).DefaultIfEmpty()];
        string Row(string name, double loss, IEnumerable<double?> values) =>
            $"{name,-5}{Format.Loss(loss),-7} {curve.Of(values, scale.Min(), scale.Max())}";

        yield return $"{Steps}, {Format.Percent((double)trainer.StepsDone / Math.Max(1, steps), 0)}";
        yield return Row("loss", losses.Average(), ofTraining);
        if (devLoss is { } lastDev)
        {
            yield return Row("dev", lastDev, ofDev);
        }
        yield return Fit(Pace().Reverse().Append(Rate), width);
    }

    string Rate => string.Create(CultureInfo.InvariantCulture, $"rate {last.LearningRate}");

    // The first of some parts, and as many of the others as fit.
    static string Fit(IEnumerable<string> parts, int width)
    {
        string line = "";
        foreach (string part in parts)
        {
            if (line.Length > 0 && line.Length + Gap.Length + part.Length > width)
            {
                break;
            }
            line += (line.Length > 0 ? Gap : "") + part;
        }
        return line;
    }

    IEnumerable<string> Parts()
    {
        yield return $"loss {Format.Loss(losses.Average())} (mean of {Format.Counted(losses.Count, "step")})";
        if (devLoss is { } lastDev)
        {
            yield return $"dev {Format.Loss(lastDev)}";
        }
        yield return Rate;
        foreach (string part in Pace())
        {
            yield return part;
        }
    }

    IEnumerable<string> Pace()
    {
        if (trainer.StepsPerSecond > 0)
        {
            yield return $"{Format.Count((long)trainer.StepsPerSecond)} steps/s";
            yield return $"{Format.Duration(TimeSpan.FromSeconds((steps - trainer.StepsDone) / trainer.StepsPerSecond))} left";
        }
    }
}
