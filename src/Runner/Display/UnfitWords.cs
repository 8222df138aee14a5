using System.Collections.Frozen;

namespace Makemore.Gpu.Runner.Display;

/// <summary>Words that a model may hit upon by chance, and that not every reader wants to see.</summary>
static class UnfitWords
{
    const char Anywhere = '*';
    const char Comment = '#';

    static readonly FrozenSet<string> Whole;
    static readonly string[] Within;

    static UnfitWords()
    {
        using Stream stream = typeof(UnfitWords).Assembly.GetManifestResourceStream("unfit-words.rot13.txt")
            ?? throw new InvalidOperationException("the list of unfit words is missing from the assembly");
        using var reader = new StreamReader(stream);
        string[] lines = reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        ILookup<bool, string> words = lines.Where(line => line[0] != Comment).ToLookup(line => line[0] == Anywhere, Decode);
        Whole = words[false].ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        Within = [.. words[true]];
    }

    /// <summary>Whether a name is such a word, or holds one of the worst.</summary>
    /// <param name="name">The name.</param>
    public static bool Match(string name) =>
        Whole.Contains(name) || Within.Any(word => name.Contains(word, StringComparison.OrdinalIgnoreCase));

    // ROT13, so that nobody reads the list by accident. A star is dropped.
    static string Decode(string line) =>
        string.Concat(line.Where(char.IsAsciiLetterLower).Select(letter => (char)('a' + ((letter - 'a' + 13) % 26))));
}
