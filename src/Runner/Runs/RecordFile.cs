using System.Buffers.Binary;
using System.Numerics;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// Records as TensorFlow keeps them (TFRecord): the length in 8 bytes, its checksum, the content, and its checksum. A checksum is a
/// CRC-32C, masked so that it may itself stand in a content that is summed.
/// </summary>
static class RecordFile
{
    const int LengthBytes = sizeof(ulong);
    const int SumBytes = sizeof(uint);
    const int HeadBytes = LengthBytes + SumBytes;
    const uint MaskDelta = 0xa282ead8;
    const int MaskShift = 15;

    // An event of this program has some hundred.
    const ulong MaxBytes = 1 << 20;

    /// <summary>Writes a record.</summary>
    /// <param name="file">The file.</param>
    /// <param name="content">Its content.</param>
    public static void Write(Stream file, ReadOnlySpan<byte> content)
    {
        Span<byte> head = stackalloc byte[HeadBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(head, (ulong)content.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(head[LengthBytes..], MaskedSum(head[..LengthBytes]));
        file.Write(head);
        file.Write(content);
        Span<byte> sum = stackalloc byte[SumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(sum, MaskedSum(content));
        file.Write(sum);
    }

    /// <summary>Reads the records of a file, up to its end or to the first one that is not whole.</summary>
    /// <param name="file">The file.</param>
    /// <returns>Each content, with the position of its record's end.</returns>
    public static IEnumerable<(byte[] Content, long End)> Read(Stream file)
    {
        var head = new byte[HeadBytes];
        while (file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false) == HeadBytes)
        {
            ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
            if (!IsSum(head.AsSpan(LengthBytes), head.AsSpan(0, LengthBytes)) || length > MaxBytes)
            {
                yield break;
            }
            var rest = new byte[(int)length + SumBytes];
            if (file.ReadAtLeast(rest, rest.Length, throwOnEndOfStream: false) < rest.Length
                || !IsSum(rest.AsSpan((int)length), rest.AsSpan(0, (int)length)))
            {
                yield break;
            }
            yield return (rest[..(int)length], file.Position);
        }
    }

    static bool IsSum(ReadOnlySpan<byte> sum, ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(sum) == MaskedSum(bytes);

    static uint MaskedSum(ReadOnlySpan<byte> bytes)
    {
        uint sum = uint.MaxValue;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            sum = BitOperations.Crc32C(sum, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }
        foreach (byte value in bytes)
        {
            sum = BitOperations.Crc32C(sum, value);
        }
        return BitOperations.RotateRight(~sum, MaskShift) + MaskDelta;
    }
}
