using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Makemore.Gpu.Model.Data;

/// <summary>Why a name looks as if something had gone wrong with it.</summary>
enum Oddity
{
    /// <summary>Letters of Latin, Greek and Cyrillic in one name: they look alike and are different tokens.</summary>
    MixedScripts,

    /// <summary>A mark that stands on no letter.</summary>
    LoneMark,

    /// <summary>Signs that UTF-8 leaves where it was read as another encoding, such as Ã© for é.</summary>
    WrongEncoding,
}

/// <summary>A name that looks as if something had gone wrong with it.</summary>
/// <param name="Name">The name.</param>
/// <param name="Oddity">What is odd.</param>
sealed partial record OddName(string Name, Oddity Oddity)
{
    /// <summary>The odd ones among names.</summary>
    /// <param name="names">The names.</param>
    public static IEnumerable<OddName> Among(IEnumerable<string> names) =>
        from name in names
        where !Ascii.IsValid(name)
        let oddity = OddityOf(name)
        where oddity is not null
        select new OddName(name, oddity.Value);

    static Oddity? OddityOf(string name)
    {
        if (WrongEncoding().IsMatch(name))
        {
            return Data.Oddity.WrongEncoding;
        }
        if (HasLoneMark(name))
        {
            return Data.Oddity.LoneMark;
        }
        int scripts = (Latin().IsMatch(name) ? 1 : 0) + (Greek().IsMatch(name) ? 1 : 0) + (Cyrillic().IsMatch(name) ? 1 : 0);
        return scripts > 1 ? Data.Oddity.MixedScripts : null;
    }

    static bool HasLoneMark(string name)
    {
        bool isAfterSpace = true;
        foreach (Rune rune in name.EnumerateRunes())
        {
            UnicodeCategory category = Rune.GetUnicodeCategory(rune);
            if (isAfterSpace
                && category is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.EnclosingMark)
            {
                return true;
            }
            isAfterSpace = category == UnicodeCategory.SpaceSeparator;
        }
        return false;
    }

    [GeneratedRegex("[ÂÃÄÅÐÑ][\u0080-\u00BF]|â€|ï»¿")]
    private static partial Regex WrongEncoding();

    [GeneratedRegex("[A-Za-z\u00C0-\u024F\u1E00-\u1EFF]")]
    private static partial Regex Latin();

    [GeneratedRegex("[\u0370-\u03FF\u1F00-\u1FFF]")]
    private static partial Regex Greek();

    [GeneratedRegex("[\u0400-\u052F]")]
    private static partial Regex Cyrillic();
}
