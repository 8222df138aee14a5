using System.Text;

namespace Makemore.Gpu.Model.Text;

/// <summary>
/// Unicode's canonical forms of a text. Source: Unicode Standard Annex 15, "Unicode Normalization Forms"; the syllables of Hangul follow
/// section 3.12 of the Unicode Standard.
/// </summary>
static class CanonicalForms
{
    // No code point below it has another form than its own.
    const char FirstAffected = '\u00C0';

    // Nor does one below it, where marks compose: composed letters stay, and marks begin here.
    const char FirstMark = '\u0300';

    const int SyllableBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    /// <summary>The text in a form.</summary>
    /// <param name="text">The text; a surrogate that has lost its other half becomes U+FFFD.</param>
    /// <param name="form">The form.</param>
    public static string Of(string text, UnicodeForm form)
    {
        char first = form == UnicodeForm.Nfd ? FirstAffected : FirstMark;
        if (form == UnicodeForm.None || !text.AsSpan().ContainsAnyInRange(first, char.MaxValue))
        {
            return text;
        }
        List<int> codePoints = Decompose(text);
        Order(codePoints);
        return ToText(form == UnicodeForm.Nfd ? codePoints : Compose(codePoints));
    }

    static List<int> Decompose(string text)
    {
        var codePoints = new List<int>(text.Length);
        foreach (Rune rune in text.EnumerateRunes())
        {
            Append(rune.Value, codePoints);
        }
        return codePoints;
    }

    static void Append(int codePoint, List<int> codePoints)
    {
        int syllable = codePoint - SyllableBase;
        if (syllable is >= 0 and < Syllables)
        {
            codePoints.Add(LeadBase + (syllable / (Vowels * Tails)));
            codePoints.Add(VowelBase + (syllable / Tails % Vowels));
            if (syllable % Tails > 0)
            {
                codePoints.Add(TailBase + (syllable % Tails));
            }
        }
        else if (CanonicalTable.Instance.DecompositionOf(codePoint) is { } parts)
        {
            Array.ForEach(parts, part => Append(part, codePoints));
        }
        else
        {
            codePoints.Add(codePoint);
        }
    }

    // Marks behind a letter are sorted by their class; those of one class keep their order, which is seen.
    static void Order(List<int> codePoints)
    {
        for (int i = 1; i < codePoints.Count; i++)
        {
            byte own = CanonicalTable.Instance.ClassOf(codePoints[i]);
            for (int j = i; own > 0 && j > 0 && CanonicalTable.Instance.ClassOf(codePoints[j - 1]) > own; j--)
            {
                (codePoints[j - 1], codePoints[j]) = (codePoints[j], codePoints[j - 1]);
            }
        }
    }

    // A code point joins the last one of class 0, unless one of the same or a higher class stands between them.
    static List<int> Compose(List<int> codePoints)
    {
        var composed = new List<int>(codePoints.Count);
        int starter = -1;
        foreach (int codePoint in codePoints)
        {
            byte own = CanonicalTable.Instance.ClassOf(codePoint);
            bool isBlocked = starter < composed.Count - 1 && CanonicalTable.Instance.ClassOf(composed[^1]) is var last
                && (last == 0 || last >= own);
            if (starter >= 0 && !isBlocked && Join(composed[starter], codePoint) is { } joined)
            {
                composed[starter] = joined;
                continue;
            }
            if (own == 0)
            {
                starter = composed.Count;
            }
            composed.Add(codePoint);
        }
        return composed;
    }

    static int? Join(int first, int second)
    {
        int lead = first - LeadBase;
        int vowel = second - VowelBase;
        if (lead is >= 0 and < Leads && vowel is >= 0 and < Vowels)
        {
            return SyllableBase + (((lead * Vowels) + vowel) * Tails);
        }
        int syllable = first - SyllableBase;
        int tail = second - TailBase;
        return syllable is >= 0 and < Syllables && syllable % Tails == 0 && tail is > 0 and < Tails
            ? first + tail
            : CanonicalTable.Instance.CompositionOf(first, second);
    }

    static string ToText(List<int> codePoints)
    {
        var text = new StringBuilder(codePoints.Count);
        foreach (int codePoint in codePoints)
        {
            text.Append(new Rune(codePoint));
        }
        return text.ToString();
    }
}
