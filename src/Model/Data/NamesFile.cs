using System.Security.Cryptography;
using System.Text;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>Names to learn from, one on each line of a UTF-8 text.</summary>
/// <param name="Source">What the names are, for messages: a path, or the embedded list's description.</param>
/// <param name="Names">The names, in the order of the text.</param>
/// <param name="Sha256">The SHA-256 of the text's bytes, in lower-case hexadecimal: the data's fingerprint.</param>
public sealed record NamesFile(string Source, IReadOnlyList<string> Names, string Sha256)
{
    /// <summary>The longest name that is taken: a longer line is surely not a name.</summary>
    public const int LongestName = 1000;

    /// <summary>The character that stands before and after every name, and so cannot stand in one.</summary>
    public const char Boundary = '.';

    /// <summary>The common first names that come with the program.</summary>
    public static NamesFile Embedded()
    {
        using Stream stream = typeof(NamesFile).Assembly.GetManifestResourceStream("first-names.txt")
            ?? throw new InvalidOperationException("the embedded list of names is missing from the assembly");
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return Parse("the embedded list of common first names", bytes.ToArray());
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidRequestException">It cannot be read, or it is not a list of names; the message says where.</exception>
    public static NamesFile Read(string path)
    {
        try
        {
            return Parse(path, File.ReadAllBytes(path));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            string reason = fault switch
            {
                FileNotFoundException or DirectoryNotFoundException or ArgumentException => "there is no such file",
                UnauthorizedAccessException when Directory.Exists(path) => "it is a folder, not a file",
                _ => fault.Message,
            };
            throw new InvalidRequestException($"names cannot be read from '{path}': {reason}", fault);
        }
    }

    /// <summary>Takes a text apart. Blank lines, white space around names, CRLF and a byte order mark mean nothing.</summary>
    /// <param name="source">What the text is, for messages.</param>
    /// <param name="bytes">The text in UTF-8.</param>
    /// <exception cref="InvalidRequestException">It is not a list of names; the message says where.</exception>
    public static NamesFile Parse(string source, byte[] bytes)
    {
        ArgumentNullException.ThrowIfNull(bytes);
        var names = new List<string>();
        string[] lines = Decode(source, bytes).Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            string name = lines[i].Trim();
            if (name.Length > 0)
            {
                Check(source, i + 1, name);
                names.Add(name);
            }
        }
        return names.Count > 0
            ? new NamesFile(source, names, Convert.ToHexStringLower(SHA256.HashData(bytes)))
            : throw new InvalidRequestException($"'{source}' holds no names: put one on each line");
    }

    static string Decode(string source, byte[] bytes)
    {
        try
        {
            string text = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true).GetString(bytes);
            return text.TrimStart('\uFEFF');
        }
        catch (DecoderFallbackException fault)
        {
            throw new InvalidRequestException(
                $"'{source}' is not UTF-8 text (byte {fault.Index}): save it as UTF-8, one name on each line", fault);
        }
    }

    static void Check(string source, int line, string name)
    {
        if (name.Any(char.IsControl))
        {
            throw new InvalidRequestException(
                $"'{source}' line {line} holds a control character: it must be a text file with one name on each line");
        }
        if (name.Contains(Boundary, StringComparison.Ordinal))
        {
            throw new InvalidRequestException(
                $"'{source}' line {line}, '{Shortened(name)}', holds a '{Boundary}', which marks the end of a name: remove it");
        }
        int characters = name.EnumerateRunes().Count();
        if (characters > LongestName)
        {
            throw new InvalidRequestException(
                $"'{source}' line {line}, '{Shortened(name)}', is {characters} characters long and may have {LongestName}: "
                + "is it a list of names?");
        }
    }

    static string Shortened(string name) => name.Length <= 40 ? name : string.Concat(name.EnumerateRunes().Take(40)) + "…";
}
