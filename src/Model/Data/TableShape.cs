namespace Makemore.Gpu.Model.Data;

/// <summary>What makes a text look like a table: each of its lines has the same number of separators, or stands in quotes.</summary>
/// <param name="Lines">The lines, without blank ones.</param>
/// <param name="Separator">What separates columns.</param>
/// <param name="Separators">How many of them a line has; 0 where each line stands in quotes.</param>
sealed record TableShape(int Lines, char Separator, int Separators)
{
    static readonly char[] Candidates = ['\t', ';', ',', '|'];

    /// <summary>The shape of a text; null where it is no table. A single line is none.</summary>
    /// <param name="text">The text.</param>
    /// <param name="comment">What a comment begins with, or null.</param>
    public static TableShape? Of(NamesText text, char? comment)
    {
        int lines = 0;
        bool isQuoted = true;
        var counts = new int[Candidates.Length];
        Array.Fill(counts, -1);
        foreach ((_, string raw, _) in NameLines.Lines(text, comment))
        {
            string line = raw.Trim();
            if (line.Length == 0)
            {
                continue;
            }
            lines++;
            isQuoted &= line is ['"', .., '"'];
            for (int i = 0; i < counts.Length; i++)
            {
                int count = CountOutsideQuotes(line, Candidates[i]);
                counts[i] = counts[i] == -1 || counts[i] == count ? count : 0;
            }
            if (!isQuoted && counts.All(count => count == 0))
            {
                return null;
            }
        }
        int most = Array.IndexOf(counts, counts.Max());
        return (lines, counts[most]) switch
        {
            ( < 2, _) => null,
            (_, > 0) => new TableShape(lines, Candidates[most], counts[most]),
            _ => isQuoted ? new TableShape(lines, ',', 0) : null,
        };
    }

    /// <summary>Why it looks so.</summary>
    public string Describe() => Separators == 0
        ? $"each of its {Lines} lines stands in quotes"
        : $"each of its {Lines} lines has {Separators} {Name(Separator)}{(Separators == 1 ? "" : "s")}";

    static string Name(char separator) => separator switch { '\t' => "tab", ';' => "semicolon", ',' => "comma", _ => "bar" };

    static int CountOutsideQuotes(string line, char separator)
    {
        int count = 0;
        bool isInQuotes = false;
        foreach (char character in line)
        {
            isInQuotes ^= character == '"';
            count += character == separator && !isInQuotes ? 1 : 0;
        }
        return count;
    }
}
