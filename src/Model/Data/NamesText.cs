using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>
/// The text of a file: unpacked, and decoded by what its byte order mark says, what was asked for, or UTF-8. It is decoded while it is
/// read, since a text takes twice the memory of its bytes.
/// </summary>
sealed class NamesText
{
    /// <summary>Stands in a decoded text where bytes had no meaning.</summary>
    public const char Damage = '\uFFFD';

    static readonly byte[] GzipHeader = [0x1F, 0x8B, 0x08];

    // UTF-32 before UTF-16, whose mark it begins with.
    static readonly Encoding[] Marked =
    [
        Encoding.UTF8, new UTF32Encoding(), new UTF32Encoding(bigEndian: true, byteOrderMark: true), Encoding.Unicode,
        Encoding.BigEndianUnicode,
    ];

    readonly ArraySegment<byte> bytes;
    readonly Encoding encoding;

    static NamesText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    NamesText(ArraySegment<byte> bytes, Encoding encoding)
    {
        this.bytes = bytes;
        this.encoding = encoding;
    }

    /// <summary>The encoding's name on the internet.</summary>
    public string EncodingName => encoding.WebName.ToUpperInvariant();

    /// <summary>Finds out how bytes are to be decoded.</summary>
    /// <param name="source">What they are, for messages.</param>
    /// <param name="bytes">The bytes, plain or compressed by gzip.</param>
    /// <param name="name">The encoding that was asked for, or null.</param>
    /// <exception cref="InvalidRequestException">
    /// There is no such encoding, or the compressed data are damaged, too many, or no text.
    /// </exception>
    public static NamesText Of(string source, ArraySegment<byte> bytes, string? name)
    {
        ArraySegment<byte> plain = bytes.AsSpan().StartsWith(GzipHeader) ? Unpack(source, bytes, name) : bytes;
        return MarkedEncoding(plain) is { } marked
            ? new NamesText(plain[marked.Preamble.Length..], marked)
            : new NamesText(plain, name is null ? Encoding.UTF8 : Named(name));
    }

    /// <summary>Whether bytes of 0 may be text: where it is packed, or has 16 or 32 bits for a character.</summary>
    /// <param name="beginning">The first bytes.</param>
    /// <param name="name">The encoding that was asked for, or null.</param>
    /// <exception cref="InvalidRequestException">There is no such encoding.</exception>
    public static bool MayHoldZeros(ReadOnlySpan<byte> beginning, string? name) =>
        beginning.StartsWith(GzipHeader)
        || (MarkedEncoding(beginning) ?? (name is null ? Encoding.UTF8 : Named(name))).GetByteCount("a") > 1;

    /// <summary>Reads the text from its beginning, with <see cref="Damage"/> where bytes have no meaning.</summary>
    public TextReader Open() => new StreamReader(
        new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count), encoding, detectEncodingFromByteOrderMarks: false);

    static Encoding? MarkedEncoding(ReadOnlySpan<byte> beginning)
    {
        foreach (Encoding encoding in Marked)
        {
            if (beginning.StartsWith(encoding.Preamble))
            {
                return encoding;
            }
        }
        return null;
    }

    static Encoding Named(string name)
    {
        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new InvalidRequestException(
                $"{SettingName.Encoding} is '{name}', which is unknown: use a name such as utf-8, utf-16, windows-1252, iso-8859-2 or "
                    + $"shift_jis",
                fault);
        }
    }

    // The stream takes a file that was cut off for a whole one. Its last four bytes are the length of what it holds, or of its last part
    // where several were put together.
    static bool IsWhole(ReadOnlySpan<byte> packed, int length) =>
        packed.Length > GzipHeader.Length + 8
        && (BinaryPrimitives.ReadUInt32LittleEndian(packed[^4..]) == (uint)length
            || packed[GzipHeader.Length..].IndexOf(GzipHeader) >= 0);

    static ArraySegment<byte> Unpack(string source, ArraySegment<byte> bytes, string? name)
    {
        try
        {
            using var packed = new GZipStream(
                new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count), CompressionMode.Decompress);
            ArraySegment<byte> plain = NamesBytes.Read(source, packed, name);
            return IsWhole(bytes, plain.Count)
                ? plain
                : throw new InvalidRequestException($"'{source}' is a gzip file that ends too early: fetch or pack it again");
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidRequestException(
                $"'{source}' begins as a gzip file does, and cannot be unpacked: {Explanation.ReasonOf(fault)}", fault);
        }
    }
}
