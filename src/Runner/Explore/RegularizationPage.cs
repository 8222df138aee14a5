using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="Regularization"/>.</summary>
static class RegularizationPage
{
    public static Page Of(Regularization result) => new("Overfitting without BatchNorm and with it: recipes kaiming and batchnorm",
    [
        new Section("The gap between train and dev")
        {
            Text = "The networks are the same but for BatchNorm, and each is trained anew for every number of steps, at one learning rate. "
                + "The gap is the loss of dev above that of train: what was learned of the training names alone. After few steps it is "
                + "small for both, since neither has seen the names often enough to learn them by heart. It grows with the steps, and with "
                + "BatchNorm more slowly: --steps 200000 trains as long as the lecture does.",
            Grid = new Grid(
                ["steps, recipe", "train", "dev", "gap"],
                [
                    .. result.Runs.Select(run => (string[])
                    [
                        $"{Format.Count(run.Steps)}, {run.Recipe}",
                        run.Losses is { } losses ? Format.Loss(losses.Train) : "diverged",
                        run.Losses is { } same ? Format.Loss(same.Dev) : "diverged",
                        Format.Signed(run.Gap, 4),
                    ]),
                ]),
            Pictures =
            [
                new Chart("gap", "The loss of dev above that of train", "steps", "gap",
                [
                    .. result.Runs.GroupBy(run => run.Recipe).Select(runs => new Series(
                        runs.Key, [.. runs.Select(run => (double)run.Steps)], [.. runs.Select(run => run.Gap)])),
                ])
                {
                    Levels = [new Level(0, "no gap")],
                },
            ],
        },
    ]);
}
