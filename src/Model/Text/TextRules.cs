using System.Buffers;
using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Model.Text;

/// <summary>
/// What becomes of a text before it is taken apart, so that what looks alike is alike: in a list of names, in a prompt, and in a name that
/// is to be scored.
/// </summary>
/// <param name="Form">How letters with marks are written.</param>
/// <param name="Lower">Whether large letters become small.</param>
sealed record TextRules(UnicodeForm Form = UnicodeForm.Nfc, bool Lower = false)
{
    // What may have to go: all of it lies in the first plane of Unicode.
    static readonly SearchValues<char> Suspects = SearchValues.Create(
        [.. Enumerable.Range(0x80, 0xFF80).Select(codePoint => (char)codePoint).Where(IsSuspect)]);

    const char Joiner = '\u200D', NonJoiner = '\u200C';

    /// <summary>Cleans a text: no invisible characters, plain spaces and none around it, one form.</summary>
    /// <remarks>
    /// Joiners stay between two characters, where they shape letters and make families of emoji; so do marks and variation selectors.
    /// </remarks>
    /// <param name="text">The text.</param>
    /// <returns>The text, and what was changed in it. Spaces around it are not counted.</returns>
    public (string Text, TextChanges Changes) Clean(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Clean(text.Trim(), trim: true);
    }

    /// <summary>Cleans a part of a text, such as a prompt, at whose ends spaces may stand.</summary>
    /// <param name="text">The part.</param>
    public string CleanPart(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Clean(text, trim: false).Text;
    }

    (string Text, TextChanges Changes) Clean(string cleaned, bool trim)
    {
        TextChanges changes = TextChanges.None;
        if (!Ascii.IsValid(cleaned))
        {
            if (cleaned.AsSpan().ContainsAny(Suspects))
            {
                Change(ref cleaned, WithoutInvisible(cleaned), TextChanges.Invisible, ref changes);
                cleaned = trim ? cleaned.Trim() : cleaned;
                Change(ref cleaned, WithPlainSpaces(cleaned), TextChanges.Spaces, ref changes);
            }
            Change(ref cleaned, CanonicalForms.Of(cleaned, Form), TextChanges.Form, ref changes);
        }
        if (Lower)
        {
            // A small letter may have another form than the large one had.
            Change(ref cleaned, CanonicalForms.Of(cleaned.ToLowerInvariant(), Form), TextChanges.Case, ref changes);
        }
        return (cleaned, changes);
    }

    static void Change(ref string text, string changed, TextChanges change, ref TextChanges changes)
    {
        if (changed != text)
        {
            text = changed;
            changes |= change;
        }
    }

    static string WithoutInvisible(string text)
    {
        Rune[] runes = [.. text.EnumerateRunes()];
        return string.Concat(runes.Where((rune, i) =>
            !IsInvisible(rune) && (!IsJoiner(rune) || (IsJoined(runes, i - 1) && IsJoined(runes, i + 1)))));
    }

    static string WithPlainSpaces(string text) => string.Concat(text.Select(
        character => char.GetUnicodeCategory(character) == UnicodeCategory.SpaceSeparator ? ' ' : character));

    static bool IsSuspect(char character) =>
        char.GetUnicodeCategory(character) == UnicodeCategory.SpaceSeparator
        || (Rune.TryCreate(character, out Rune rune) && (IsInvisible(rune) || IsJoiner(rune)));

    static bool IsJoiner(Rune rune) => rune.Value is Joiner or NonJoiner;

    static bool IsJoined(Rune[] runes, int index) =>
        index >= 0 && index < runes.Length && !IsJoiner(runes[index]) && !IsInvisible(runes[index]) && !Rune.IsWhiteSpace(runes[index]);

    // Soft hyphen; marks and brackets of direction; Mongolian vowel separator; zero-width space; word joiner and invisible operators; byte
    // order mark; anchors of annotations; fillers of Hangul. Signs that Unicode counts among the format characters and that are seen, such
    // as the Arabic number sign, are not among them, nor are the tags of flags.
    static bool IsInvisible(Rune rune) => rune.Value is 0x00AD or 0x061C or 0x180E or 0x200B or 0x200E or 0x200F
        or (>= 0x202A and <= 0x202E) or (>= 0x2060 and <= 0x206F) or 0x3164 or 0xFEFF or 0xFFA0 or (>= 0xFFF9 and <= 0xFFFB);
}
