using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="LogitScale"/>.</summary>
static class LogitScalePage
{
    public static Page Of(LogitScale result) => new("What large logits cost",
    [
        new Section("The same logits, scaled")
        {
            Text = $"Equal logits cost ln {result.Logits.Count} = {Format.Loss(Math.Log(result.Logits.Count))} whichever class is right. "
                + "The larger they are, the surer is softmax: where it is right there is little left to win, and where it is wrong the "
                + "loss grows without end. A network that has learned nothing is wrong more often than right, so its logits should start "
                + "near 0.",
            Grid = new Grid(
                [
                    "logits times", .. result.Logits.Select((_, i) => $"p{i}"),
                    .. result.Target is { } target ? [$"loss, {target} is right"] : Array.Empty<string>(),
                    "loss, likeliest is right", "loss, unlikeliest is right", "mean of all",
                ],
                [.. result.Rows.Select(row => Row(row, result.Target))]),
            Lines = [$"the logits: {string.Join(", ", result.Logits.Select(logit => Format.Signed(logit, 4)))}"],
            Pictures =
            [
                new Chart("loss-by-scale", "The loss by the size of the logits", "logits times", "loss",
                [
                    .. result.Logits.Select((logit, i) => new Series(
                        $"{i} is right (logit {Format.Signed(logit, 2)})",
                        [.. result.Rows.Select(row => (double)row.Scale)], [.. result.Rows.Select(row => (double)row.Losses[i])])),
                ]),
            ],
        },
    ]);

    static string[] Row(ScaledLogits row, int? target) =>
    [
        Format.Factor(row.Scale),
        .. row.Probabilities.Select(probability => Format.Fixed(probability, 4)),
        .. target is { } right ? [Format.Loss(row.Losses[right])] : Array.Empty<string>(),
        Format.Loss(row.LossOfLikeliest),
        Format.Loss(row.LossOfUnlikeliest),
        Format.Loss(row.MeanLoss),
    ];
}
