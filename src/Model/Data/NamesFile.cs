using System.Security.Cryptography;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>Names to learn from.</summary>
/// <param name="Source">What the names are, for messages: a path, or the embedded list's description.</param>
/// <param name="Names">The names, in the order of the text.</param>
/// <param name="Sha256">The SHA-256 of the file's bytes, in lower-case hexadecimal: the data's fingerprint.</param>
/// <param name="Format">How they were read.</param>
/// <param name="Report">What was found on the way.</param>
sealed record NamesFile(string Source, IReadOnlyList<string> Names, string Sha256, NamesFormat Format, ReadingReport Report)
{
    /// <summary>The longest name that is taken, in tokens: a longer line is surely not a name.</summary>
    public const int LongestName = 1000;

    /// <summary>The most names of a list.</summary>
    public const int MostNames = 10_000_000;

    /// <summary>The path that means standard input.</summary>
    public const string StandardInput = "-";

    /// <summary>What names from there are called.</summary>
    public const string StandardInputSource = "standard input";

    /// <summary>The common first names that come with the program.</summary>
    /// <param name="format">What becomes of them; null for the default.</param>
    public static NamesFile Embedded(NamesFormat? format = null)
    {
        using Stream stream = typeof(NamesFile).Assembly.GetManifestResourceStream("first-names.txt")
            ?? throw new InvalidOperationException("the embedded list of names is missing from the assembly");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Parse("the embedded list of common first names", bytes.ToArray(), format);
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file, plain or compressed by gzip; <see cref="StandardInput"/> for standard input.</param>
    /// <param name="format">How to read it; null for a name on each line of a UTF-8 text.</param>
    /// <exception cref="InvalidRequestException">
    /// It cannot be read, is too large, or is not a list of names; the message says where.
    /// </exception>
    public static NamesFile Read(string path, NamesFormat? format = null)
    {
        try
        {
            using Stream stream = path == StandardInput ? Console.OpenStandardInput() : File.OpenRead(path);
            return Read(path == StandardInput ? StandardInputSource : path, stream, format);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InvalidRequestException($"names cannot be read from '{path}': {RegularFile.WhyUnreadable(path, fault)}", fault);
        }
    }

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="source">What it is, for messages.</param>
    /// <param name="stream">The text, plain or compressed by gzip.</param>
    /// <param name="format">How to read it; null for a name on each line of a UTF-8 text.</param>
    /// <exception cref="InvalidRequestException">It is too large, or is not a list of names; the message says where.</exception>
    public static NamesFile Read(string source, Stream stream, NamesFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return Parse(source, NamesBytes.Read(source, stream, format?.Encoding), format);
    }

    /// <summary>Takes a text apart. Blank lines and white space around names mean nothing.</summary>
    /// <param name="source">What the text is, for messages.</param>
    /// <param name="bytes">The text, plain or compressed by gzip.</param>
    /// <param name="format">How to read it; null for a name on each line of a UTF-8 text.</param>
    /// <exception cref="InvalidRequestException">It is not a list of names; the message says where.</exception>
    public static NamesFile Parse(string source, byte[] bytes, NamesFormat? format = null)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        return Parse(source, new ArraySegment<byte>(bytes), format);
    }

    static NamesFile Parse(string source, ArraySegment<byte> bytes, NamesFormat? format)
    {
        format ??= NamesFormat.Default;
        string sha256 = Convert.ToHexStringLower(SHA256.HashData(bytes));
        var text = NamesText.Of(source, bytes, format.Encoding);
        var collector = new NameCollector(source, text.EncodingName, format);
        foreach ((int line, string? name, string? fault) in NameLines.Of(source, text, format))
        {
            collector.Add(line, name, fault);
        }
        ReadingReport report = collector.Finish();
        return new NamesFile(source, collector.Names, sha256, format, report);
    }
}
