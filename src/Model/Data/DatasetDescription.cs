using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>What a list of names holds, and which examples it gives.</summary>
/// <param name="Source">What the names are: a path, or the embedded list's description.</param>
/// <param name="Sha256">The data's fingerprint.</param>
/// <param name="Names">How many names there are.</param>
/// <param name="FirstNames">The first 8 names, or all where there are fewer.</param>
/// <param name="Lengths">How long the names are.</param>
/// <param name="Characters">The character of each token, the boundary first: the lectures' <c>itos</c>.</param>
/// <param name="Counts">How often each token is to be predicted, in all splits.</param>
/// <param name="Context">T, the tokens of a context.</param>
/// <param name="Name">The name that gives <paramref name="NameExamples"/>.</param>
/// <param name="NameExamples">The examples of one name.</param>
/// <param name="Examples">M, the examples of all names.</param>
/// <param name="Splits">The splits, in the order in which they are reported.</param>
/// <param name="Batch">N, the examples of a step of training.</param>
/// <param name="Duplicates">How many names repeat an earlier one of the list: all names less the different ones.</param>
/// <param name="Repeated">The names that stand there most often, with their lines: at most 8, each more than once.</param>
/// <param name="OddNames">Names that look as if something had gone wrong with them.</param>
/// <param name="Report">What was found and changed while the names were read.</param>
sealed record DatasetDescription(
    string Source,
    string Sha256,
    int Names,
    IReadOnlyList<string> FirstNames,
    NameLengths Lengths,
    IReadOnlyList<string> Characters,
    IReadOnlyList<int> Counts,
    int Context,
    string Name,
    IReadOnlyList<NameExample> NameExamples,
    int Examples,
    IReadOnlyList<SplitDescription> Splits,
    int Batch,
    int Duplicates,
    IReadOnlyList<RepeatedName> Repeated,
    IReadOnlyList<OddName> OddNames,
    ReadingReport Report)
{
    const int ShownNames = 8;

    /// <summary>Describes a data set.</summary>
    /// <param name="data">The data set.</param>
    /// <param name="batch">N, the examples of a step of training.</param>
    /// <param name="name">The name whose examples are given.</param>
    /// <exception cref="InvalidRequestException">The name holds a character that is not in the vocabulary.</exception>
    public static DatasetDescription Of(Dataset data, int batch, string name)
    {
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyList<string> names = data.File.Names;
        return new DatasetDescription(
            data.File.Source,
            data.File.Sha256,
            names.Count,
            [.. names.Take(ShownNames)],
            NameLengths.Of(names, data.Vocabulary.Tokenization),
            data.Vocabulary.Tokens,
            CountTokens(data),
            data.Train.Context,
            name,
            NameExample.Of(name, data.Train.Context, data.Vocabulary),
            data.Splits.Sum(part => part.Split.Count),
            [
                .. data.Splits.Select(part => new SplitDescription(
                    part.Name, part.Split.Names.Count, part.Split.Count, data.NewNames(part.Split).Count)),
            ],
            batch,
            data.Repeats,
            [
                .. names.CountBy(listed => listed, StringComparer.Ordinal).Where(pair => pair.Value > 1)
                    .OrderByDescending(pair => pair.Value).Take(ShownNames).Select(pair => new RepeatedName(pair.Key, pair.Value)),
            ],
            [.. OddName.Among(names)],
            data.File.Report);
    }

    static int[] CountTokens(Dataset data)
    {
        var counts = new int[data.Vocabulary.Count];
        foreach (int token in data.Splits.SelectMany(part => part.Split.Tokens))
        {
            counts[token]++;
        }
        return counts;
    }
}

/// <summary>How large a split is.</summary>
/// <param name="Name">The split.</param>
/// <param name="Names">How many names it has.</param>
/// <param name="Examples">M, how many examples: its contexts are [M, T], its targets [M].</param>
/// <param name="NewNames">How many of its names do not stand in the training split, too.</param>
sealed record SplitDescription(string Name, int Names, int Examples, int NewNames);

/// <summary>A name that stands in a list more than once.</summary>
/// <param name="Name">The name.</param>
/// <param name="Lines">How often.</param>
sealed record RepeatedName(string Name, int Lines);

/// <summary>An example as text.</summary>
/// <param name="Context">The characters before the target; boundaries where the name has not begun.</param>
/// <param name="Target">The character to predict; the boundary after the last one.</param>
sealed record NameExample(string Context, string Target)
{
    internal static IReadOnlyList<NameExample> Of(string name, int context, Vocabulary vocabulary)
    {
        var split = Split.Of([name], context, vocabulary);
        return
        [
            .. split.Tokens.Select((target, example) => new NameExample(
                vocabulary.Decode(split.ContextOf(example)), vocabulary.Decode([target]))),
        ];
    }
}
