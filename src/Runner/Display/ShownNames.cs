using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Runner.Output;
using Spectre.Console;

namespace Makemore.Gpu.Runner.Display;

/// <summary>
/// Names that a model has drawn, as every command shows them: each marked as new or by the split that holds it, repeats told, and without
/// the words that not every reader wants to see.
/// </summary>
/// <param name="isKnownTold">Whether it is known which names the model was trained on.</param>
/// <param name="isUnfiltered">Whether every name is shown.</param>
sealed class ShownNames(bool isKnownTold, bool isUnfiltered = false)
{
    /// <summary>Where the marks begin: after the longest of the lectures' names.</summary>
    const int NameWidth = 16;

    readonly List<SampledName> all = [];

    /// <summary>All names, also those that are not shown.</summary>
    public IReadOnlyList<SampledName> All => all;

    /// <summary>The names that are shown.</summary>
    public IEnumerable<SampledName> Shown => all.Where(name => !Hides(name));

    /// <summary>How many names there are, known and repeated; and a line about those that are not shown.</summary>
    public IEnumerable<string> Summary
    {
        get
        {
            int repeats = all.Count(name => name.IsRepeat);
            int empty = all.Count(name => name.Name.Length == 0);
            string[] parts =
            [
                .. isKnownTold ? (string[])[Known()] : [],
                .. repeats > 0 ? (string[])[Format.Counted(repeats, "repeat")] : [],
                .. empty > 0 ? (string[])[$"{Format.Count(empty)} empty"] : [],
            ];
            yield return Format.Counted(all.Count, "name") + (parts.Length > 0 ? $": {string.Join(", ", parts)}" : "");
            int hidden = all.Count(Hides);
            if (hidden > 0)
            {
                yield return $"{Format.Counted(hidden, "name")} {(hidden == 1 ? "is" : "are")} not shown: sample --unfiltered shows all";
            }
        }
    }

    /// <summary>A line about names that a model has not ended; none where it has ended all.</summary>
    /// <param name="unended">How many names were cut.</param>
    public static IEnumerable<string> DescribeUnended(int unended)
    {
        if (unended > 0)
        {
            yield return $"{Format.Counted(unended, "name was", "names were")} cut at {Format.Count(NamesFile.LongestName)} "
                + "characters, the most that a name may have: the model did not end "
                + (unended == 1 ? "it" : "them");
        }
    }

    /// <summary>Takes a name in.</summary>
    /// <param name="name">The name.</param>
    /// <returns>The line to show; null where it is not shown.</returns>
    public string? Add(SampledName name)
    {
        all.Add(name);
        return Hides(name) ? null : (Padded(name.Name) + Mark(name)).TrimEnd();
    }

    /// <summary>What stands beside a name: train, dev or test for a known one, else new; and whether it is a repeat, or empty.</summary>
    /// <param name="name">The name.</param>
    public string Mark(SampledName name)
    {
        string[] words =
        [
            .. name.Name.Length == 0 ? (string[])["empty"] : isKnownTold ? [name.KnownIn ?? "new"] : [],
            .. name.IsRepeat ? (string[])["repeat"] : [],
        ];
        return string.Join(", ", words);
    }

    /// <summary>Whether a name is not shown. One that stands in the list that the model was trained on always is.</summary>
    /// <param name="name">The name.</param>
    public bool Hides(SampledName name) => !isUnfiltered && name.KnownIn is null && UnfitWords.Match(name.Name);

    /// <summary>A name with the space up to its mark.</summary>
    /// <param name="name">The name.</param>
    public static string Padded(string name)
    {
        string shown = ShownText.Line(name);
        return shown + new string(' ', Math.Max(NameWidth - shown.GetCellWidth(), 0) + 2);
    }

    string Known()
    {
        (string Split, int Names)[] known =
        [
            .. KnownNames.Splits.Select(split => (split, all.Count(name => name.KnownIn == split))).Where(count => count.Item2 > 0),
        ];
        return known switch
        {
            [] => "none known",
            [(string split, int names)] => $"{Format.Count(names)} known ({split})",
            _ => $"{Format.Count(known.Sum(count => count.Names))} known "
                + $"({string.Join(", ", known.Select(count => $"{Format.Count(count.Names)} {count.Split}"))})",
        };
    }
}
