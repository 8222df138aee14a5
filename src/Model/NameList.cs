using System.Text;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Model;

/// <summary>Names to learn from, in their order. Training takes 80 percent of them, shuffled; 10 are for dev and 10 for test.</summary>
/// <remarks>
/// <example>
/// <code>
/// NameList own = NameList.Read("names.txt");
/// var cities = new NameList(["london", "paris", "rome", "oslo", "bern", "madrid"]);
/// </code>
/// </example>
/// </remarks>
public sealed class NameList
{
    NameList(NamesFile file) => File = file;

    /// <summary>Takes names from memory.</summary>
    /// <param name="names">The names, at least 6. White space around them means nothing, and empty ones are left out.</param>
    /// <exception cref="ArgumentException">A name has several lines.</exception>
    /// <exception cref="InvalidRequestException">A name is too long, or there are too many; the message says which.</exception>
    public NameList(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        string[] all = [.. names];
        if (all.FirstOrDefault(name => name.AsSpan().IndexOfAny('\n', '\r') >= 0) is { } several)
        {
            throw new ArgumentException("the name "
                + $"'{Explanation.Shorten(several.ReplaceLineEndings(" "))}' has several lines", nameof(names));
        }
        File = NamesFile.Parse("names in memory", Encoding.UTF8.GetBytes(string.Join('\n', all)));
    }

    /// <summary>The common first names that come with the library.</summary>
    public static NameList Embedded => field ??= new NameList(NamesFile.Embedded());

    /// <summary>What the names are, for messages: a path, or a description.</summary>
    public string Source => File.Source;

    /// <summary>The names, as they were read.</summary>
    public IReadOnlyList<string> Names => File.Names;

    internal NamesFile File { get; }

    /// <summary>Reads a file with a name on each line, or the column of a table.</summary>
    /// <param name="path">The file, plain or compressed by gzip.</param>
    /// <param name="column">
    /// The column that holds the names, by its number from 1 or by its name in the first line; "none" for lines as they are; null where
    /// the file is no table.
    /// </param>
    /// <param name="separator">What stands between the columns; null for what the lines have in common.</param>
    /// <param name="encoding">The encoding by its name on the internet; null for UTF-8, or what a byte order mark says.</param>
    /// <param name="skipBad">Whether lines that are no names are left out; else they are refused.</param>
    /// <exception cref="InvalidRequestException">
    /// It cannot be read, is too large, or is not a list of names; the message says where.
    /// </exception>
    public static NameList Read(
        string path, string? column = null, string? separator = null, string? encoding = null, bool skipBad = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return new NameList(NamesFile.Read(path, NamesFormat.Default with
        {
            Column = column,
            Separator = separator,
            Encoding = encoding,
            SkipBad = skipBad,
        }));
    }
}
