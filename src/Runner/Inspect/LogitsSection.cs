using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Inspect;

/// <summary>The logits of a batch, and the loss that they give.</summary>
static class LogitsSection
{
    const int CharactersInLine = 9;

    /// <summary>Those of the first example, and the range of all.</summary>
    /// <param name="inspection">What was seen.</param>
    /// <param name="batch">The examples of the batch.</param>
    /// <param name="vocabulary">The characters.</param>
    public static Section Of(Inspection inspection, int batch, Vocabulary vocabulary)
    {
        IReadOnlyList<float> first = inspection.Logits.FirstExample;
        IReadOnlyList<string> characters = vocabulary.Tokens;
        IEnumerable<string> cells = characters.Zip(first, (character, logit) => $"{character} {Format.Signed(logit, 2),6}");
        return new Section("Logits of the first example")
        {
            Text = "A number for each character that may come next. Before training all should be near 0, which makes the loss that of a "
                + $"guess, ln {vocabulary.Count} = {Format.Loss(vocabulary.UniformLoss)}: large logits are a network that is sure of wrong "
                + "characters.",
            Lines =
            [
                $"the first example: {Range(first.Min(), first.Max())}",
                $"all {Format.Counted(batch, "example")}: {Range(inspection.Logits.Least, inspection.Logits.Largest)}",
                $"loss of this batch: {Format.Loss(inspection.Loss)}",
                .. cells.Chunk(CharactersInLine).Select(line => string.Join("   ", line)),
            ],
            Pictures =
            [
                new Chart(
                    "logits", "Logits of the first example", "character", "logit",
                    [
                        new Series(
                            "first example", [.. first.Select((_, i) => (double)i)], [.. first.Select(logit => (double)logit)],
                            SeriesStyle.Points),
                    ])
                {
                    Names = characters,
                    Levels =
                    [
                        new Level(inspection.Logits.Largest, "largest of the batch"),
                        new Level(inspection.Logits.Least, "least of the batch"),
                    ],
                },
            ],
        };
    }

    static string Range(double low, double high) => $"{Format.Signed(low, 4)} to {Format.Signed(high, 4)}";
}
