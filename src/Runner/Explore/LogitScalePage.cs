using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="LogitScale"/>.</summary>
static class LogitScalePage
{
    public static Page Of(LogitScale result) => new("What large logits cost",
    [
        new Section("Four logits, scaled")
        {
            Text = "The same four logits, multiplied. Equal logits cost ln 4 whichever class is right. The larger they are, the surer is "
                + "softmax: where it is right there is little left to win, and where it is wrong the loss grows without end. A network "
                + "that has learned nothing is wrong most of the time, so its logits should start near 0.",
            Grid = new Grid(
                [
                    "logits times", .. result.Logits.Select((_, i) => $"p{i}"),
                    "loss, likeliest is right", "loss, unlikeliest is right", "mean of all four",
                ],
                [
                    .. result.Rows.Select(row => (string[])
                    [
                        Format.Count((long)row.Scale),
                        .. row.Probabilities.Select(probability => Format.Fixed(probability, 4)),
                        Format.Loss(row.LossOfLikeliest),
                        Format.Loss(row.LossOfUnlikeliest),
                        Format.Loss(row.MeanLoss),
                    ]),
                ]),
            Lines = [$"the logits: {string.Join(", ", result.Logits.Select(logit => Format.Signed(logit, 4)))}"],
            Pictures =
            [
                new Chart("loss-by-scale", "The loss by the size of the logits", "logits times", "loss",
                [
                    .. result.Logits.Select((logit, i) => new Series(
                        $"logit {Format.Signed(logit, 2)} is right",
                        [.. result.Rows.Select(row => (double)row.Scale)], [.. result.Rows.Select(row => (double)row.Losses[i])])),
                ]),
            ],
        },
    ]);
}
