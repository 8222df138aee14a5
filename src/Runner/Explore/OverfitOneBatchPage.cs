using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="OverfitOneBatch"/>.</summary>
static class OverfitOneBatchPage
{
    public static Page Of(OverfitOneBatch result) => new($"One batch, learned by heart by recipe {result.Recipe}",
    [
        new Section("The loss")
        {
            Text = "The same batch in every step. A network of this size can learn it by heart, and one that cannot has a fault in its "
                + "backward pass. The loss goes down to its bound and no further.",
            Grid = new Grid(
                ["step", "loss", "above the bound"],
                [.. ShownSteps(result.Losses.Count).Select(step => Row(step, result))]),
            Pictures =
            [
                new Chart(
                    "overfit", $"The loss of the same batch in recipe {result.Recipe}", "step", "loss",
                    [Cells.PerStep("loss", result.Losses)])
                {
                    Levels = [new Level(result.Bound, "the least that is possible")],
                },
            ],
        },
        new Section("What keeps it above 0")
        {
            Text = $"The bound is {Format.Loss(result.Bound)}. Where the same context is followed by different characters, no network can "
                + "be sure: the best is to give each the part of the cases in which it follows, which costs -ln of that part each time. "
                + "Above all, every name begins with the same empty context.",
            Grid = new Grid(
                ["context", "followed by", "loss at best, together"],
                [.. result.Ambiguous.Select(context => (string[])[context.Context, context.Targets, Format.Loss(context.Cost)])]),
        },
    ]);

    // 0, 1, 10, 100 and so on, and the last one.
    static IEnumerable<int> ShownSteps(int steps)
    {
        yield return 0;
        for (long step = 1; step < steps - 1; step *= 10)
        {
            yield return (int)step;
        }
        if (steps > 1)
        {
            yield return steps - 1;
        }
    }

    static string[] Row(int step, OverfitOneBatch result) =>
        [Format.Count(step), Format.Loss(result.Losses[step]), Format.Loss(result.Losses[step] - result.Bound)];
}
