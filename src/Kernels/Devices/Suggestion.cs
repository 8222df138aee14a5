namespace Makemore.Gpu.Kernels.Devices;

/// <summary>What somebody may have meant by a word that is misspelled.</summary>
static class Suggestion
{
    /// <summary>The word that was probably meant, as an addition to a message: <c> (did you mean 'train'?)</c>; nothing where none was.</summary>
    /// <param name="word">The word.</param>
    /// <param name="words">Those that there are.</param>
    public static string For(string word, IEnumerable<string> words) =>
        Closest(word, words) is { } meant ? $" (did you mean '{meant}'?)" : "";

    /// <summary>
    /// The word that was probably meant: the one with the fewest letters added, left out, changed, or swapped with their neighbors, which may
    /// be a third of them; null where there is none.
    /// </summary>
    /// <param name="word">The word.</param>
    /// <param name="words">Those that there are.</param>
    public static string? Closest(string word, IEnumerable<string> words)
    {
        ArgumentNullException.ThrowIfNull(word);
        ArgumentNullException.ThrowIfNull(words);
        if (word.Length > Explanation.MostOfText)
        {
            return null;
        }
        string asked = word.ToLowerInvariant();
        return words.Select(known => (Word: known, Distance: Distance(asked, known.ToLowerInvariant())))
            .Where(known => known.Distance <= Math.Max(1, known.Word.TrimStart('-').Length / 3))
            .OrderBy(known => known.Distance).FirstOrDefault().Word;
    }

    // Damerau and Levenshtein's distance, in which no letter is moved twice.
    static int Distance(string one, string other)
    {
        var edits = new int[one.Length + 1, other.Length + 1];
        for (int i = 0; i <= one.Length; i++)
        {
            for (int j = 0; j <= other.Length; j++)
            {
                if (i == 0 || j == 0)
                {
                    edits[i, j] = i + j;
                    continue;
                }
                int change = one[i - 1] == other[j - 1] ? 0 : 1;
                int fewest = Math.Min(Math.Min(edits[i - 1, j], edits[i, j - 1]) + 1, edits[i - 1, j - 1] + change);
                bool isSwap = i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1];
                edits[i, j] = isSwap ? Math.Min(fewest, edits[i - 2, j - 2] + 1) : fewest;
            }
        }
        return edits[one.Length, other.Length];
    }
}
