using System.Text;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Data;

/// <summary>Shows a <see cref="DatasetDescription"/>.</summary>
static class DatasetPage
{
    const int CharactersOfLine = 10;

    /// <summary>The page.</summary>
    /// <param name="title">What the names are.</param>
    /// <param name="data">The description.</param>
    public static Page Of(string title, DatasetDescription data) => new(
        title,
        [
            new Section($"The first {data.FirstNames.Count} names") { Text = string.Join(", ", data.FirstNames) },
            Lengths(data.Lengths, data.Names),
            Characters(data.Characters),
            new Section($"Contexts and targets of {data.Name}")
            {
                Text = $"Each character, and the end, is to be predicted from the {Format.Count(data.Context)} before it.",
                Lines = [.. data.NameExamples.Select(example => $"{example.Context} -> {example.Target}")],
            },
            Splits(data),
            Duplicates(data),
        ]);

    static Section Lengths(NameLengths lengths, int names) => new("Lengths")
    {
        Text = $"{Format.Count(lengths.Shortest)} to {Format.Count(lengths.Longest)} characters, mean {Format.Fixed(lengths.Mean, 2)}, "
            + $"standard deviation {Format.Fixed(lengths.StandardDeviation, 2)}.",
        Grid = new Grid(
            ["characters", "names", "share"],
            [
                .. lengths.Counts.Select(count => (string[])
                [
                    Format.Count(count.Length), Format.Count(count.Names), Format.Percent((double)count.Names / names),
                ]),
            ]),
    };

    // Not a table, which would take a line for each character, or columns whose widths do not fit every script.
    static Section Characters(IReadOnlyList<string> characters)
    {
        int width = Format.Count(characters.Count - 1).Length;
        return new Section("Characters")
        {
            Text = $"{Format.Count(characters.Count)} with the dot, which stands before and after each name. Before each stands its token.",
            Lines =
            [
                .. characters.Select((character, token) => $"{Format.Count(token).PadLeft(width)} {Visible(character)}")
                    .Chunk(CharactersOfLine)
                    .Select(line => string.Join("  ", line)),
            ],
        };
    }

    // Spaces, marks that join the character before them, and what has no shape are shown by their code points.
    static string Visible(string character)
    {
        Rune rune = Rune.GetRuneAt(character, 0);
        return Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune) ? character : $"U+{rune.Value:X4}";
    }

    static Section Splits(DatasetDescription data) => new("Examples")
    {
        Text = $"The names are shuffled with seed {Dataset.ShuffleSeed} and split 80/10/10. Contexts are X, targets Y; a step of training "
            + $"takes a batch of {Format.Count(data.Batch)}.",
        Grid = new Grid(
            ["", "names", "X", "Y"],
            [
                .. data.Splits.Select(split => Shapes(split.Name, Format.Count(split.Names), split.Examples, data.Context)),
                Shapes("all", Format.Count(data.Names), data.Examples, data.Context),
                Shapes("batch", "", data.Batch, data.Context),
            ]),
    };

    static string[] Shapes(string name, string names, int examples, int context) =>
        [name, names, $"[{Format.Count(examples)}, {Format.Count(context)}]", $"[{Format.Count(examples)}]"];

    static Section Duplicates(DatasetDescription data) => new("Duplicates")
    {
        Text = $"Names that repeat an earlier one: {Format.Count(data.Duplicates)} of {Format.Count(data.Names)}. After the shuffle a name "
            + "may stand in two splits. The losses of dev and test are then partly those of names that training has seen; the command "
            + "evaluate also gives the loss of those of test that are new.",
        Grid = new Grid(
            ["split", "names", "new", "also in train", "share"],
            [
                .. data.Splits.Skip(1).Select(split => (string[])
                [
                    split.Name,
                    Format.Count(split.Names),
                    Format.Count(split.NewNames),
                    Format.Count(split.Names - split.NewNames),
                    Format.Percent((double)(split.Names - split.NewNames) / split.Names),
                ]),
            ]),
    };
}
