using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Explore;

/// <summary>Shows <see cref="BatchJitter"/>.</summary>
static class JitterPage
{
    // Or a hundred points would hide the one.
    const double Aside = 0.3;

    public static Page Of(BatchJitter result)
    {
        IReadOnlyList<LogitSpread> spreads = result.Spreads;
        int[] shown =
        [
            .. Enumerable.Range(0, spreads.Count)
                .OrderByDescending(character => character == result.Target ? double.PositiveInfinity : spreads[character].StandardDeviation)
                .Take(Cells.MaxCharacters)
                .Order(),
        ];
        bool areAll = shown.Length == spreads.Count;
        return new Page($"One example in many batches of recipe {result.Recipe}",
        [
            new Section($"The logits after {result.Context}")
            {
                Text = $"After {Format.Counted(result.Steps, "step")}, one example is put into {BatchJitter.Batches} batches. "
                    + "BatchNorm takes mean and deviation from the batch, so that the example's logits depend on the others in it, and "
                    + "training sees it a little different each time. That makes it harder to learn by heart. In evaluation an example "
                    + "stands for itself: "
                    + "the statistics are those of the whole training split. Without BatchNorm there is no jitter."
                    + (areAll
                        ? ""
                        : $" Shown are {Format.Count(shown.Length)} of {Format.Counted(spreads.Count, "character")}: the right one, and "
                            + "those that vary most."),
                Grid = new Grid(
                    ["character", "in evaluation", "mean in batches", "std in batches"],
                    [.. shown.Select(character => Row(result, character, spreads[character]))]),
                Lines = [$"mean std of the logits: {Format.Fixed(spreads.Average(spread => spread.StandardDeviation), 4)}"],
                Pictures =
                [
                    new Chart(
                        "jitter", $"Recipe {result.Recipe}: the logits after {result.Context} in {BatchJitter.Batches} batches",
                        areAll ? "character, by its position" : "character, by its row in the table", "logit",
                        [
                            new Series(
                                "in a batch",
                                [.. result.InBatches.SelectMany(_ => Positions(shown))],
                                [.. result.InBatches.SelectMany(logits => Values(shown, logits))], SeriesStyle.Points),
                            new Series(
                                "in evaluation, beside them", [.. Positions(shown).Select(position => position + Aside)],
                                [.. Values(shown, result.Alone)], SeriesStyle.Points),
                        ]),
                ],
            },
        ]);
    }

    static string[] Row(BatchJitter result, int character, LogitSpread spread) =>
    [
        Character(result, character),
        Format.Signed(result.Alone[character], 4),
        Format.Signed(spread.Mean, 4),
        Format.Fixed(spread.StandardDeviation, 4),
    ];

    static string Character(BatchJitter result, int character)
    {
        string text = result.Characters[character];
        return character == result.Target ? $"{text} (right)" : text;
    }

    static IEnumerable<double> Positions(int[] shown) => Enumerable.Range(0, shown.Length).Select(position => (double)position);

    static IEnumerable<double> Values(int[] shown, IReadOnlyList<float> logits) => shown.Select(character => (double)logits[character]);
}
