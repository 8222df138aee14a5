using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="BatchSize"/>.</summary>
static class BatchSizePage
{
    const int PointsOfCurve = 25;

    public static Page Of(BatchSize result) => new(
        $"The size of the batch, at learning rate {Format.Factor(result.LearningRate)}: recipe {result.Recipe}",
    [
        new Section($"After {Format.Counted(result.Examples, "example")}, and after {Format.Counted(result.Steps, "step")}")
        {
            Text = "The gradient of a batch is that of its examples' mean loss, with a noise that falls with the root of their number. "
                + "For the same number of examples, and so about the same arithmetic, small batches take more steps, each in a rougher "
                + "direction. For the same number of steps, large batches take the better ones, and cost more examples the larger they "
                + "are. At one learning rate neither end is best: the smallest batches are thrown about by their noise, the largest take "
                + "too few steps, which a higher rate makes up for in part.",
            Grid = new Grid(
                [
                    "batch", "steps for the examples", "dev, same examples", $"dev, {Format.Counted(result.Steps, "step")}",
                    $"examples of {Format.Counted(result.Steps, "step")}",
                ],
                [.. result.Runs.Select(run => Row(result, run))]),
            Pictures =
            [
                new Chart(
                    "loss-by-examples", "Training loss against the examples seen", "examples seen", "loss",
                    [.. result.Runs.Where(run => run.StepsOfExamples > 1).Select(run => Curve(run))])
                {
                    IsLogarithmicAcross = true,
                },
                new Chart(
                    "dev-by-batch", "Dev loss by the size of the batch", "batch", "dev loss",
                    [
                        Line("same examples", result, run => run.AfterExamples),
                        Line("same steps", result, run => run.AfterSteps),
                    ])
                {
                    IsLogarithmicAcross = true,
                },
            ],
        },
    ]);

    static string[] Row(BatchSize result, BatchRun run)
    {
        string diverged = $"diverged at step {Format.Count(run.DivergedAt ?? 0)}";
        return
        [
            Format.Count(run.Batch), Format.Count(run.StepsOfExamples),
            run.AfterExamples is { } examples ? Format.Loss(examples) : diverged,
            run.AfterSteps is { } steps ? Format.Loss(steps) : diverged,
            Format.Count((long)result.Steps * run.Batch),
        ];
    }

    static Series Line(string name, BatchSize result, Func<BatchRun, double?> loss) => new(
        name, [.. result.Runs.Select(run => (double)run.Batch)], [.. result.Runs.Select(run => loss(run) ?? double.NaN)]);

    // The loss of a single batch is noise: means over equal parts, up to as many examples as the others see.
    static Series Curve(BatchRun run)
    {
        float[] losses = [.. run.Losses.Take(run.StepsOfExamples)];
        float[][] parts = [.. losses.Chunk(Math.Max(1, losses.Length / PointsOfCurve))];
        return new Series(
            $"batch {Format.Count(run.Batch)}",
            [.. parts.Select((_, i) => (double)run.Batch * parts.Take(i + 1).Sum(part => part.Length))],
            [.. parts.Select(part => part.Average(loss => (double)loss))]);
    }
}
