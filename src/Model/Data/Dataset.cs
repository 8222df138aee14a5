using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Data;

/// <summary>A list of names as examples, split as in the lectures: shuffled by Python's generator, then 80, 10 and 10 percent.</summary>
/// <param name="File">The names.</param>
/// <param name="Vocabulary">The tokens.</param>
/// <param name="Train">What the model is trained on.</param>
/// <param name="Dev">What settings are chosen by.</param>
/// <param name="Test">What is evaluated in the end.</param>
sealed record Dataset(NamesFile File, Vocabulary Vocabulary, Split Train, Split Dev, Split Test)
{
    /// <summary>The seed of the shuffle in the lectures.</summary>
    public const int ShuffleSeed = 42;

    /// <summary>Which names there are, and in which split.</summary>
    public KnownNames KnownNames => field ??= KnownNames.Of(this);

    /// <summary>The splits with their names, in the order in which they are reported.</summary>
    public IEnumerable<(string Name, Split Split)> Splits => [("train", Train), ("dev", Dev), ("test", Test)];

    /// <summary>How many names repeat an earlier one: all names less the different ones.</summary>
    public int Repeats => File.Names.Count - KnownNames.Count;

    /// <summary>Those names of a split that do not stand in the training split, too.</summary>
    /// <param name="split">The split.</param>
    public IReadOnlyList<string> NewNames(Split split)
    {
        ArgumentNullException.ThrowIfNull(split);
        return [.. split.Names.Where(name => KnownNames.SplitOf(name) != "train")];
    }

    /// <summary>Makes the examples of a list of names.</summary>
    /// <param name="file">The names.</param>
    /// <param name="context">T, the tokens of a context, at least 1.</param>
    /// <param name="vocabulary">The tokens, where a model has its own; null for those of the names.</param>
    /// <exception cref="InvalidRequestException">
    /// A split is left without examples, the examples are too many, or a name holds a character that is not in the vocabulary.
    /// </exception>
    public static Dataset Create(NamesFile file, int context, Vocabulary? vocabulary = null)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 1);
        vocabulary ??= Vocabulary.Of(file.Names, file.Format.Tokens);
        (ArraySegment<string> train, ArraySegment<string> dev, ArraySegment<string> test) = SplitNames(file);
        // A character may be two of the string's.
        long mostExamples = file.Names.Sum(name => name.Length + 1L);
        if (mostExamples > Array.MaxLength)
        {
            throw new InvalidRequestException(
                $"'{file.Source}' makes up to {mostExamples} examples, and at most {Array.MaxLength} can be counted: use fewer names");
        }
        try
        {
            return new Dataset(
                file, vocabulary,
                Split.Of(train, context, vocabulary),
                Split.Of(dev, context, vocabulary),
                Split.Of(test, context, vocabulary));
        }
        catch (InvalidRequestException fault)
        {
            throw new InvalidRequestException($"'{file.Source}' does not fit the model: {fault.Message:whole}", fault);
        }
    }

    /// <summary>The names of a list, shuffled and split.</summary>
    /// <param name="file">The list.</param>
    /// <exception cref="InvalidRequestException">A split is left without names.</exception>
    internal static (ArraySegment<string> Train, ArraySegment<string> Dev, ArraySegment<string> Test) SplitNames(NamesFile file)
    {
        string[] names = [.. file.Names];
        new PythonRandom(ShuffleSeed).Shuffle<string>(names);
        (int trainEnd, int devEnd) = file.Format.SplitBy == SplitBy.Name ? GroupByName(names) : Ends(names.Length);
        return trainEnd > 0 && devEnd > trainEnd && names.Length > devEnd
            ? (new(names, 0, trainEnd), new(names, trainEnd, devEnd - trainEnd), new(names, devEnd, names.Length - devEnd))
            : throw new InvalidRequestException(
                $"'{file.Source}' has too few names ({names.Length}): split 80/10/10, a part would have no examples; give at least 6");
    }

    // As in Python: int(0.8·n), int(0.9·n).
    static (int TrainEnd, int DevEnd) Ends(int count) => ((int)(0.8 * count), (int)(0.9 * count));

    // 80 percent of the different names, then 10, then 10, each with all its lines. Without repeats it is the split of lines.
    static (int TrainEnd, int DevEnd) GroupByName(string[] names)
    {
        var positions = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (string name in names)
        {
            positions.TryAdd(name, positions.Count);
        }
        (int trainEnd, int devEnd) = Ends(positions.Count);
        int[] parts = Array.ConvertAll(names, name => positions[name] < trainEnd ? 0 : positions[name] < devEnd ? 1 : 2);
        // The sort keeps the order of lines within a part.
        string[] grouped = [.. names.Zip(parts).OrderBy(pair => pair.Second).Select(pair => pair.First)];
        grouped.CopyTo(names, 0);
        return (parts.Count(part => part == 0), parts.Count(part => part < 2));
    }
}
