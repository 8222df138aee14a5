using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>Values that come back from SQLite bit for bit, and checksums of them, for SQLite has none.</summary>
static class StoredValue
{
    const string BitsPrefix = "0x";

    /// <summary>
    /// A double as it is stored. What SQLite would change is the text of its bits, which sorts after all numbers: of what is not a number
    /// SQLite would make NULL, and of -0 it would make 0.
    /// </summary>
    /// <param name="value">The double.</param>
    public static object Of(double value) => double.IsNaN(value) || (value == 0 && double.IsNegative(value))
        ? BitsPrefix + BitConverter.DoubleToUInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture)
        : value;

    /// <summary>The double that was stored.</summary>
    /// <param name="stored">What <see cref="Of"/> gave.</param>
    /// <exception cref="FormatException">It is no double.</exception>
    public static double ToDouble(object? stored) => stored switch
    {
        double value => value,
        string bits when bits.StartsWith(BitsPrefix, StringComparison.Ordinal) => BitConverter.UInt64BitsToDouble(
            ulong.Parse(bits.AsSpan(BitsPrefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)),
        _ => throw new FormatException("no double is stored there"),
    };

    /// <summary>The checksum of stored values.</summary>
    /// <param name="values">The values, each a long, a double, a string or null.</param>
    public static string Checksum(IEnumerable<object?> values)
    {
        var text = new StringBuilder();
        foreach (object? value in values)
        {
            // Each has its type and its end, so that no two lists have the same text.
            text.Append(CultureInfo.InvariantCulture, $"{value switch
            {
                double number => $"d{BitConverter.DoubleToUInt64Bits(number):x}",
                long number => $"l{number}",
                string words => $"s{words.Length}:{words}",
                null => "n",
                _ => $"other {value.GetType().Name}",
            }};");
        }
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
