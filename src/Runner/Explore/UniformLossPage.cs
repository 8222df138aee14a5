using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="UniformLoss"/>.</summary>
static class UniformLossPage
{
    static readonly string[] Drawn = ["naive", "small-logits"];

    public static Page Of(UniformLoss result) => new("Where the loss starts",
    [
        new Section("Expected and actual")
        {
            Text = $"A network that knows nothing should give each of {Format.Counted(result.Characters, "character")} the same "
                + $"probability, a loss of ln {Format.Count(result.Characters)} = {Format.Loss(result.Uniform)}. A start far above that is "
                + "a network that is sure of wrong characters. Its first steps go into making the logits small, which small last weights "
                + "give for nothing: the curve of naive has a steep first part like a hockey stick, and that of small-logits has none.",
            Grid = new Grid(
                ["recipe", "expected", "loss, step 0", "difference", Cells.FinalLossHeading(result.Steps)],
                [
                    .. result.Runs.Select(run => (string[])
                    [
                        run.Recipe,
                        Format.Loss(result.Uniform),
                        Format.Loss(run.Training.FirstLoss),
                        Format.Signed(run.Training.FirstLoss - result.Uniform, 4),
                        Cells.FinalLoss(run.Training),
                    ]),
                ]),
            Pictures =
            [
                new Chart("first-losses", "The loss of each step", "step", "loss",
                    [.. result.Runs.Where(run => Drawn.Contains(run.Recipe)).Select(run => Cells.PerStep(run.Recipe, run.Training.Losses))])
                {
                    Levels = [new Level(result.Uniform, "a guess")],
                },
            ],
        },
    ]);
}
