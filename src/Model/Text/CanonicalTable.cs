using System.Globalization;

namespace Makemore.Gpu.Model.Text;

/// <summary>
/// What Unicode says of the canonical forms of code points, from the table that comes with the assembly. .NET's own normalization changes
/// nothing without the libraries of ICU, which many machines lack.
/// </summary>
sealed class CanonicalTable
{
    static readonly Lazy<CanonicalTable> Loaded = new(() => new CanonicalTable());

    readonly Dictionary<int, byte> classes = [];
    readonly Dictionary<int, int[]> decompositions = [];
    readonly Dictionary<(int First, int Second), int> compositions = [];

    CanonicalTable()
    {
        using Stream stream = typeof(CanonicalTable).Assembly.GetManifestResourceStream("canonical-forms.txt")
            ?? throw new InvalidOperationException("the table of canonical forms is missing from the assembly");
        using var reader = new StreamReader(stream);
        HashSet<int> excluded = [];
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#'))
            {
                continue;
            }
            string[] fields = line.Split(';');
            int codePoint = Parse(fields[0]);
            if (fields[1] != "0")
            {
                classes[codePoint] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            }
            if (fields[2].Length > 0)
            {
                decompositions[codePoint] = Array.ConvertAll(fields[2].Split(' '), Parse);
            }
            if (fields[3] == "x")
            {
                excluded.Add(codePoint);
            }
        }

        // Full composition exclusion: those listed, single code points, and what begins with a mark.
        foreach ((int codePoint, int[] parts) in decompositions.Where(pair => pair.Value.Length == 2 && !excluded.Contains(pair.Key)))
        {
            if (ClassOf(codePoint) == 0 && ClassOf(parts[0]) == 0)
            {
                compositions[(parts[0], parts[1])] = codePoint;
            }
        }
    }

    /// <summary>The table.</summary>
    public static CanonicalTable Instance => Loaded.Value;

    /// <summary>The canonical combining class: 0 for what marks are put on, others say where a mark sits.</summary>
    public byte ClassOf(int codePoint) => classes.GetValueOrDefault(codePoint);

    /// <summary>What a code point stands for, one level deep; null where it stands for itself.</summary>
    public int[]? DecompositionOf(int codePoint) => decompositions.GetValueOrDefault(codePoint);

    /// <summary>The code point that two stand for together; null where there is none.</summary>
    public int? CompositionOf(int first, int second) => compositions.TryGetValue((first, second), out int composed) ? composed : null;

    static int Parse(string hexadecimal) => int.Parse(hexadecimal, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
