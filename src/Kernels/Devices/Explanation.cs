using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Makemore.Gpu.Kernels.Devices;

/// <summary>
/// A message, written as an interpolated string: the program's own words as they are, and of each text that is inserted at most
/// <see cref="MostOfText"/> characters. What is inserted may come from a file or from a call, and be of any length.
/// </summary>
[InterpolatedStringHandler]
public readonly struct Explanation
{
    /// <summary>The most characters of an inserted text.</summary>
    public const int MostOfText = 200;

    /// <summary>The format of an inserted text that is an explanation itself, and stays whole: <c>{fault.Message:whole}</c>.</summary>
    public const string Whole = "whole";

    const string Ellipsis = "…";

    readonly StringBuilder message;

    /// <summary>Begins a message.</summary>
    /// <param name="literalLength">The characters of the program's own words.</param>
    /// <param name="formattedCount">How many texts are inserted.</param>
    public Explanation(int literalLength, int formattedCount) => message = new StringBuilder(literalLength + (16 * formattedCount));

    /// <summary>Adds words of the program.</summary>
    /// <param name="value">The words.</param>
    public void AppendLiteral(string value) => message.Append(value);

    /// <summary>Inserts a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="value">The value.</param>
    /// <param name="format">Its format, <see cref="Whole"/> or null.</param>
    public void AppendFormatted<T>(T value, string? format = null)
    {
        string text = value is IFormattable formattable
            ? formattable.ToString(format == Whole ? null : format, CultureInfo.InvariantCulture)
            : value?.ToString() ?? "";
        message.Append(format == Whole || value is Explanation ? text : Shorten(text));
    }

    /// <summary>The message.</summary>
    public override string ToString() => message.ToString();

    /// <summary>What went wrong, as a part of a sentence: the message of the system without its full stop.</summary>
    /// <param name="fault">What was thrown.</param>
    public static string ReasonOf(Exception fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        return fault.Message.TrimEnd('.');
    }

    /// <summary>
    /// A text with at most <see cref="MostOfText"/> characters: of a longer one the beginning and the end, where paths have their file.
    /// </summary>
    /// <param name="text">The text.</param>
    public static string Shorten(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length <= MostOfText)
        {
            return text;
        }
        (int head, int tail) = (MostOfText / 2, text.Length - (MostOfText / 2) + 1);
        // Between characters, not within one of two halves.
        head -= char.IsHighSurrogate(text[head - 1]) ? 1 : 0;
        tail += char.IsLowSurrogate(text[tail]) ? 1 : 0;
        return string.Concat(text.AsSpan(0, head), Ellipsis, text.AsSpan(tail));
    }
}
