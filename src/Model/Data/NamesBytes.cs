using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>The bytes of a list of names. What is too large, or no text at all, is refused while it is read.</summary>
static class NamesBytes
{
    /// <summary>The most bytes that a list may have, packed and unpacked: 256 MiB.</summary>
    public const int Most = 256 << 20;

    const int BlockBytes = 1 << 16;

    // Of a block of text, hardly a byte is 0; of a program or a database, many are.
    const int MostZeros = BlockBytes / 100;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="source">What it is, for messages.</param>
    /// <param name="stream">The stream, of any length, or of none.</param>
    /// <param name="encoding">The encoding that was asked for, by its name on the internet; null for what the first bytes say.</param>
    /// <exception cref="InvalidRequestException">It has more than <see cref="Most"/> bytes, or holds zeros that no text has.</exception>
    public static ArraySegment<byte> Read(string source, Stream stream, string? encoding)
    {
        var bytes = new MemoryStream(stream.CanSeek ? (int)Math.Min(stream.Length, Most) : BlockBytes);
        var block = new byte[BlockBytes];
        bool mayHoldZeros = false;
        for (int read; (read = stream.ReadAtLeast(block, BlockBytes, throwOnEndOfStream: false)) > 0;)
        {
            mayHoldZeros |= bytes.Length == 0 && NamesText.MayHoldZeros(block.AsSpan(0, read), encoding);
            if (!mayHoldZeros && read == BlockBytes && block.AsSpan().Count((byte)0) > MostZeros)
            {
                throw new InvalidRequestException(
                    $"'{source}' is no text, for it holds bytes of 0: give a list of names; for UTF-16 text give "
                        + $"{SettingName.Encoding} utf-16");
            }
            if (bytes.Length + read > Most)
            {
                throw new InvalidRequestException(
                    $"'{source}' holds more than {Most >> 20} MiB, packed or unpacked, the most that a list of names may have: is it one?");
            }
            bytes.Write(block, 0, read);
        }
        return bytes.TryGetBuffer(out ArraySegment<byte> whole) ? whole : bytes.ToArray();
    }
}
