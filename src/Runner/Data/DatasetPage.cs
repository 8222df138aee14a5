using System.Text;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Data;

/// <summary>Shows a <see cref="DatasetDescription"/>.</summary>
static class DatasetPage
{
    const int CharactersOfLine = 6;

    // A character that occurs no more often is rare, and of rare and odd ones so many are shown.
    const int RareCount = 3;
    const int ShownRare = 60;
    const int ShownOdd = 5;

    /// <summary>The page.</summary>
    /// <param name="title">What the names are.</param>
    /// <param name="data">The description.</param>
    /// <param name="format">How the names were read.</param>
    public static Page Of(string title, DatasetDescription data, NamesFormat format) => new(
        title,
        [
            new Section($"The first {data.FirstNames.Count} names") { Text = string.Join(", ", data.FirstNames) },
            Lengths(data.Lengths, data.Names),
            Characters(data),
            .. Rare(data),
            .. Odd(data),
            new Section($"Contexts and targets of {data.Name}")
            {
                Text = $"Each character, and the end, is to be predicted from the {Format.Count(data.Context)} before it.",
                Lines = [.. data.NameExamples.Select(example => $"{example.Context} -> {example.Target}")],
            },
            Splits(data),
            Duplicates(data),
            .. Reading(data.Report, format),
        ]);

    static IEnumerable<Section> Reading(ReadingReport report, NamesFormat format)
    {
        if (DataNotes.Changes(report, format) is { } changes)
        {
            yield return new Section("Read")
            {
                Text = $"As {report.Encoding}: {changes}.",
                Lines = [.. report.FirstFaults.Select(fault => $"left out: line {Format.Count(fault.Line)}, {fault.Reason}")],
            };
        }
    }

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

    static IEnumerable<Section> Rare(DatasetDescription data)
    {
        (string Character, int Count)[] rare =
            [.. data.Characters.Zip(data.Counts).Skip(1).Where(pair => pair.Second <= RareCount).OrderBy(pair => pair.Second)];
        if (rare.Length > 0 && rare.Length < data.Characters.Count - 1)
        {
            yield return new Section("Rare characters")
            {
                Text = $"{Format.Count(rare.Length)} occur at most {Format.Count(RareCount)} times. A network hardly learns them; they may "
                    + "be mistakes of the list.",
                Lines =
                [
                    .. rare.Take(ShownRare).Select(pair => $"{Visible(pair.Character)} {Format.Count(pair.Count)}")
                        .Chunk(CharactersOfLine).Select(line => string.Join("  ", line)),
                    .. rare.Length > ShownRare ? [$"and {Format.Count(rare.Length - ShownRare)} more"] : Array.Empty<string>(),
                ],
            };
        }
    }

    static IEnumerable<Section> Odd(DatasetDescription data)
    {
        if (data.OddNames.Count > 0)
        {
            yield return new Section("Odd names")
            {
                Text = "They look as if something had gone wrong with them.",
                Grid = new Grid(
                    ["what is odd", "names", "such as"],
                    [
                        .. data.OddNames.GroupBy(odd => odd.Oddity).Select(group => (string[])
                        [
                            Describe(group.Key), Format.Count(group.Count()),
                            string.Join(", ", group.Take(ShownOdd).Select(odd => odd.Name)),
                        ]),
                    ]),
            };
        }
    }

    static string Describe(Oddity oddity) => oddity switch
    {
        Oddity.MixedScripts => "letters of several scripts that look alike",
        Oddity.LoneMark => "a mark on no letter",
        _ => "signs of a wrong encoding",
    };

    // Not a table, which would take a line for each character, or columns whose widths do not fit every script.
    static Section Characters(DatasetDescription data)
    {
        IReadOnlyList<string> characters = data.Characters;
        int width = Format.Count(characters.Count - 1).Length;
        return new Section("Characters")
        {
            Text = $"{Format.Count(characters.Count)} with the boundary, {characters[0]}, which stands before and after each name. "
                + "Before each stands its token, behind it how often it occurs.",
            Lines =
            [
                .. characters
                    .Select((character, token) =>
                        $"{Format.Count(token).PadLeft(width)} {Visible(character)} {Format.Count(data.Counts[token])}")
                    .Chunk(CharactersOfLine)
                    .Select(line => string.Join("  ", line)),
            ],
        };
    }

    // Spaces, marks that join the character before them, and what has no shape are shown by their code points.
    static string Visible(string character)
    {
        var rune = Rune.GetRuneAt(character, 0);
        bool isVisible = Rune.IsLetterOrDigit(rune) || Rune.IsPunctuation(rune) || Rune.IsSymbol(rune);
        return isVisible || character.Length > 2 ? character : $"U+{rune.Value:X4}";
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
        Text = $"Names that repeat an earlier one: {Format.Count(data.Duplicates)} of {Format.Count(data.Names)}."
            + (data.Repeated.Count == 0
                ? ""
                : $" Most often: {string.Join(", ", data.Repeated.Select(name => $"{name.Name} ({Format.Count(name.Lines)})"))}.")
            + " After the shuffle a name may stand in two splits, unless --split-by name keeps them apart. The losses of dev and test are "
            + "then partly those of names that training has seen; the command "
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
