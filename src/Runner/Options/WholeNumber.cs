using System.Globalization;
using System.Numerics;

namespace Makemore.Gpu.Runner.Options;

/// <summary>Whole numbers as they are typed: 100000, 100_000, 1e5.</summary>
static class WholeNumber
{
    /// <summary>The number of a text; null where it is none, or is beyond its type.</summary>
    /// <typeparam name="T">The type.</typeparam>
    /// <param name="text">The text.</param>
    public static T? Parse<T>(string text)
        where T : struct, INumber<T>
    {
        // Between digits alone, as in C#.
        bool isSpaced = text.Split('_') is { Length: > 1 } parts
            && parts.All(part => part.Length > 0) && parts.SkipLast(1).Zip(parts.Skip(1)).All(
                pair => char.IsAsciiDigit(pair.First[^1]) && char.IsAsciiDigit(pair.Second[0]));
        string digits = isSpaced ? text.Replace("_", "", StringComparison.Ordinal) : text;
        if (T.TryParse(digits, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out T number))
        {
            return number;
        }
        IFormatProvider culture = CultureInfo.InvariantCulture;
        const NumberStyles WithExponent = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        bool isWhole = digits.Contains('e', StringComparison.OrdinalIgnoreCase)
            && decimal.TryParse(digits, WithExponent, CultureInfo.InvariantCulture, out decimal value) && decimal.IsInteger(value)
            && T.TryParse(value.ToString("F0", culture), NumberStyles.AllowLeadingSign, culture, out number);
        return isWhole ? number : null;
    }
}
