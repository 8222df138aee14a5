using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="Normalizations"/>.</summary>
static class NormalizationsPage
{
    public static Page Of(Normalizations result) => new("Normalization and the size of the batch",
    [
        new Section($"After {Format.Counted(result.Steps, "step")}")
        {
            Text = "The loss of the same examples of dev, once so many at a time as a step of training takes, normalized as there, and "
                + "once each by itself. Layer and group normalization, or none, make no difference between the two. BatchNorm does: in a "
                + "batch an example is normalized by the others, too, and the fewer they are, the rougher are their mean and deviation; "
                + "alone it is normalized by the running statistics of many batches. In a batch of two a feature has but two values, +0.7 "
                + "and -0.7, whatever it was: that is too little to learn from.",
            Grid = new Grid(["normalization, batch", "in batches", "each alone", "difference"], [.. result.Runs.Select(Row)]),
            Pictures =
            [
                new Chart(
                    "loss-by-batch", "Loss by the size of the batch", "log2 of the batch", "loss",
                    [
                        .. result.Runs.GroupBy(run => run.Normalization)
                            .Select(runs => Line($"{runs.Key}, each alone", runs, run => run.Loss, SeriesStyle.Line)),
                        Line(
                            "batch, in batches", result.Runs.Where(run => run.Normalization == "batch"), run => run.LossInBatches,
                            SeriesStyle.Guide),
                    ]),
            ],
        },
    ]);

    static string[] Row(NormalizedRun run)
    {
        string name = $"{run.Normalization}, {Format.Count(run.Batch)}";
        return run is { LossInBatches: { } inBatches, Loss: { } alone }
            ? [name, Format.Loss(inBatches), Format.Loss(alone), Format.Signed(alone - inBatches, 4)]
            : [name, $"diverged at step {Format.Count(run.DivergedAt!.Value)}", "", ""];
    }

    static Series Line(string name, IEnumerable<NormalizedRun> runs, Func<NormalizedRun, double?> loss, SeriesStyle style) => new(
        name, [.. runs.Select(run => Math.Log2(run.Batch))], [.. runs.Select(run => loss(run) ?? double.NaN)], style);
}
