using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;

namespace Makemore.Gpu.Soak.Mutations;

/// <summary>Damages bytes as disks, transfers and hands do, and as nobody does.</summary>
static partial class ByteMutations
{
    // Bytes of the length of the header, with which a safetensors file begins.
    const int LengthBytes = 8;

    /// <summary>What is put in place of a number.</summary>
    public static readonly string[] Numbers =
    [
        "0", "-0", "1", "-1", "2", "0.5", "-1.5", "1e-9", "1e-999", "1e999", "-1e999", "NaN", "Infinity", "-Infinity", "\"NaN\"", "null",
        "true", "255", "256", "65536", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551616", "1e10", "1E400", "00", "0x10", "1_000", "\"1\"", "[]", "{}",
        "\"\"",
    ];

    static readonly byte[][] Oddities =
    [
        [0], [0xFF], [0xFE, 0xFF], [0xEF, 0xBB, 0xBF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0x0D], [0x0A], [0x0D, 0x0A], [0x85], [0x1B],
        .. new[] { "\"", "\\", "{", "}", "[", "]", ",", ":", "\t", "\u2028", "\u202e", "\u200d", "e\u0301\u0301", "\ud83d\ude00", "﷽" }
            .Select(Encoding.UTF8.GetBytes),
    ];

    /// <summary>Damages bytes in one to three ways.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="other">Other bytes, of which a part may come in.</param>
    public static byte[] Mutate(Random random, byte[] bytes, byte[] other)
    {
        for (int i = Math.Max(0, random.Next(4) - 1); i >= 0; i--)
        {
            bytes = MutateOnce(random, bytes, other);
        }
        return bytes;
    }

    /// <summary>The same for a safetensors file: its header, whose length is then right, or anything.</summary>
    /// <param name="random">Decides.</param>
    /// <param name="bytes">The file.</param>
    /// <param name="other">Another one.</param>
    public static byte[] MutateTensors(Random random, byte[] bytes, byte[] other)
    {
        if (random.Next(4) == 0)
        {
            return Mutate(random, bytes, other);
        }
        int length = LengthBytes + (int)BinaryPrimitives.ReadInt64LittleEndian(bytes);
        byte[] header = Mutate(random, bytes[LengthBytes..length], other);
        byte[] prefix = new byte[LengthBytes];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, header.Length);
        return [.. prefix, .. header, .. bytes[length..]];
    }

    static byte[] MutateOnce(Random random, byte[] bytes, byte[] other)
    {
        if (bytes.Length == 0)
        {
            return other;
        }
        (int start, int end) = Range(random, bytes.Length);
        switch (random.Next(11))
        {
            case 0:
                byte[] flipped = [.. bytes];
                flipped[start] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1:
                byte[] replaced = [.. bytes];
                replaced[start] = (byte)random.Next(256);
                return replaced;
            case 2:
                return bytes[..start];
            case 3:
                return [.. bytes[..start], .. bytes[end..]];
            case 4:
                return [.. bytes[..end], .. bytes[start..]];
            case 5:
                // With a part of the rest.
                byte[] rest = bytes[end..];
                (int left, int right) = Range(random, rest.Length);
                return [.. bytes[..start], .. rest[left..right], .. rest[..left], .. bytes[start..end], .. rest[right..]];
            case 6:
                (int from, int to) = Range(random, other.Length);
                return [.. bytes[..start], .. other[from..to], .. bytes[end..]];
            case 7:
                return [.. bytes[..start], .. Oddities[random.Next(Oddities.Length)], .. bytes[start..]];
            default:
                return ReplaceNumber(random, bytes);
        }
    }

    // A number of the text; bytes that are no text come through unchanged.
    static byte[] ReplaceNumber(Random random, byte[] bytes)
    {
        string text = Encoding.Latin1.GetString(bytes);
        MatchCollection numbers = Number().Matches(text);
        if (numbers.Count == 0)
        {
            return bytes;
        }
        Match number = numbers[random.Next(numbers.Count)];
        string replacement = Numbers[random.Next(Numbers.Length)];
        return Encoding.Latin1.GetBytes(text[..number.Index] + replacement + text[(number.Index + number.Length)..]);
    }

    // Mostly short, and nowhere longer than what there is.
    static (int Start, int End) Range(Random random, int length)
    {
        int start = random.Next(length);
        int longest = random.Next(3) == 0 ? length : 16;
        return (start, Math.Min(length, start + 1 + random.Next(longest)));
    }

    [GeneratedRegex(@"-?\d+(\.\d+)?([eE][+-]?\d+)?")]
    private static partial Regex Number();
}
