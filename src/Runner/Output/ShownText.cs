using System.Buffers;
using System.Globalization;
using System.Text;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Runner.Output;

/// <summary>
/// Text of users and of files as it is shown, on a terminal, in a browser and in a picture. What a terminal would obey, what would turn a
/// line around, and what XML cannot hold, is written as JSON escapes it: <c>\u001b</c>.
/// </summary>
static class ShownText
{
    // Controls; marks, embeddings, overrides and isolates of direction; ends of lines and paragraphs; halves of characters; and what is no
    // character.
    static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0, char.MaxValue + 1).Select(code => (char)code).Where(IsSuspect)]);

    /// <summary>A text as a part of a line.</summary>
    /// <param name="text">The text.</param>
    public static string Line(string text)
    {
        int next = text.AsSpan().IndexOfAny(Suspects);
        if (next < 0)
        {
            return text;
        }
        var shown = new StringBuilder(text, 0, next, text.Length + 16);
        for (; next < text.Length; next++)
        {
            char character = text[next];
            if (char.IsSurrogatePair(text, next))
            {
                shown.Append(text, next++, 2);
            }
            else if (IsSuspect(character))
            {
                shown.Append(CultureInfo.InvariantCulture, $"\\u{(int)character:x4}");
            }
            else
            {
                shown.Append(character);
            }
        }
        return shown.ToString();
    }

    /// <summary>A text of several lines.</summary>
    /// <param name="text">The text.</param>
    public static string Lines(string text) => string.Join('\n', text.ReplaceLineEndings("\n").Split('\n').Select(Line));

    /// <summary>A text as a part of a line, where it stands among others and may be long: shortened as in a message.</summary>
    /// <param name="text">The text.</param>
    public static string Short(string text) => Line(Explanation.Shorten(text));

    static bool IsSuspect(char character) => char.IsControl(character) || char.IsSurrogate(character)
        || character is '\u061C' or '\u200E' or '\u200F' or (>= '\u2028' and <= '\u202E') or (>= '\u2066' and <= '\u2069')
            or >= '\uFFFE' or (>= '\uFDD0' and <= '\uFDEF');
}
