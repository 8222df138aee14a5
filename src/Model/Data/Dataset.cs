using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Data;

/// <summary>A list of names as examples, split as in the lectures: shuffled by Python's generator, then 80, 10 and 10 percent.</summary>
/// <param name="File">The names.</param>
/// <param name="Vocabulary">The tokens.</param>
/// <param name="Train">What the model is trained on.</param>
/// <param name="Dev">What settings are chosen by.</param>
/// <param name="Test">What is evaluated in the end.</param>
public sealed record Dataset(NamesFile File, Vocabulary Vocabulary, Split Train, Split Dev, Split Test)
{
    /// <summary>The seed of the shuffle in the lectures.</summary>
    public const int ShuffleSeed = 42;

    /// <summary>The names of the training split.</summary>
    public required IReadOnlySet<string> TrainingNames { get; init; }

    /// <summary>The splits with their names, in the order in which they are reported.</summary>
    public IEnumerable<(string Name, Split Split)> Splits => [("train", Train), ("dev", Dev), ("test", Test)];

    /// <summary>Those names of a split that do not stand in the training split, too.</summary>
    /// <param name="split">The split.</param>
    public IReadOnlyList<string> NewNames(Split split)
    {
        ArgumentNullException.ThrowIfNull(split);
        return [.. split.Names.Where(name => !TrainingNames.Contains(name))];
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
        vocabulary ??= Vocabulary.Of(file.Names);
        (string[] train, string[] dev, string[] test) = SplitNames(file);
        long longest = (file.Names.Sum(name => (long)name.Length) + file.Names.Count) * context;
        if (longest > int.MaxValue)
        {
            throw new InvalidRequestException(
                $"'{file.Source}' with a context of {context} makes {longest} context tokens, more than {int.MaxValue}: "
                + "use a shorter --context");
        }
        try
        {
            return new Dataset(
                file, vocabulary,
                Split.Of(train, context, vocabulary),
                Split.Of(dev, context, vocabulary),
                Split.Of(test, context, vocabulary))
            {
                TrainingNames = train.ToHashSet(StringComparer.Ordinal),
            };
        }
        catch (InvalidRequestException fault)
        {
            throw new InvalidRequestException($"'{file.Source}' does not fit the model: {fault.Message}", fault);
        }
    }

    /// <summary>The names of a list, shuffled and split.</summary>
    /// <param name="file">The list.</param>
    /// <exception cref="InvalidRequestException">A split is left without names.</exception>
    internal static (string[] Train, string[] Dev, string[] Test) SplitNames(NamesFile file)
    {
        string[] names = [.. file.Names];
        new PythonRandom(ShuffleSeed).Shuffle(names);

        // As in Python: int(0.8·n), int(0.9·n).
        int trainEnd = (int)(0.8 * names.Length);
        int devEnd = (int)(0.9 * names.Length);
        return trainEnd > 0 && devEnd > trainEnd
            ? (names[..trainEnd], names[trainEnd..devEnd], names[devEnd..])
            : throw new InvalidRequestException(
                $"'{file.Source}' has too few names ({names.Length}): split 80/10/10, a part would have no examples; give at least 6");
    }
}
