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

    // What a gigabyte of text unpacks from may be a megabyte: more is surely not a list of names.
    const int MaxUnpacked = 1 << 30;

    static readonly byte[] GzipHeader = [0x1F, 0x8B, 0x08];

    // UTF-32 before UTF-16, whose mark it begins with.
    static readonly Encoding[] Marked =
    [
        Encoding.UTF8, new UTF32Encoding(), new UTF32Encoding(bigEndian: true, byteOrderMark: true), Encoding.Unicode,
        Encoding.BigEndianUnicode,
    ];

    readonly byte[] bytes;
    readonly int start;
    readonly Encoding encoding;

    static NamesText() => Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

    NamesText(byte[] bytes, int start, Encoding encoding)
    {
        this.bytes = bytes;
        this.start = start;
        this.encoding = encoding;
    }

    /// <summary>The encoding's name on the internet.</summary>
    public string EncodingName => encoding.WebName.ToUpperInvariant();

    /// <summary>Finds out how bytes are to be decoded.</summary>
    /// <param name="source">What they are, for messages.</param>
    /// <param name="bytes">The bytes, plain or compressed by gzip.</param>
    /// <param name="name">The encoding that was asked for, or null.</param>
    /// <exception cref="InvalidRequestException">There is no such encoding, or the compressed data are damaged.</exception>
    public static NamesText Of(string source, byte[] bytes, string? name)
    {
        byte[] plain = bytes.AsSpan().StartsWith(GzipHeader) ? Unpack(source, bytes) : bytes;
        return Array.Find(Marked, encoding => plain.AsSpan().StartsWith(encoding.Preamble)) is { } marked
            ? new NamesText(plain, marked.Preamble.Length, marked)
            : new NamesText(plain, 0, name is null ? Encoding.UTF8 : Named(name));
    }

    /// <summary>Reads the text from its beginning, with <see cref="Damage"/> where bytes have no meaning.</summary>
    public TextReader Open() => new StreamReader(
        new MemoryStream(bytes, start, bytes.Length - start), encoding, detectEncodingFromByteOrderMarks: false);

    static Encoding Named(string name)
    {
        try
        {
            return Encoding.GetEncoding(name);
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw new InvalidRequestException(
                $"--encoding is '{name}', which is unknown: use a name such as utf-8, utf-16, windows-1252, iso-8859-2 or shift_jis",
                fault);
        }
    }

    // The stream takes a file that was cut off for a whole one. Its last four bytes are the length of what it holds, or of its last part
    // where several were put together.
    static bool IsWhole(byte[] packed, long length) =>
        packed.Length > GzipHeader.Length + 8
        && (BinaryPrimitives.ReadUInt32LittleEndian(packed.AsSpan(packed.Length - 4)) == (uint)length
            || packed.AsSpan(GzipHeader.Length).IndexOf(GzipHeader) >= 0);

    static byte[] Unpack(string source, byte[] bytes)
    {
        try
        {
            using var packed = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            byte[] buffer = new byte[1 << 16];
            int read;
            while ((read = packed.Read(buffer)) > 0)
            {
                plain.Write(buffer, 0, read);
                if (plain.Length > MaxUnpacked)
                {
                    throw new InvalidRequestException($"'{source}' unpacks to more than {MaxUnpacked >> 30} GB: is it a list of names?");
                }
            }
            return IsWhole(bytes, plain.Length)
                ? plain.ToArray()
                : throw new InvalidRequestException($"'{source}' is a gzip file that ends too early: fetch or pack it again");
        }
        catch (InvalidDataException fault)
        {
            throw new InvalidRequestException($"'{source}' begins as a gzip file does, and cannot be unpacked: {fault.Message}", fault);
        }
    }
}
