using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Text;

namespace Makemore.Gpu.Model.Data;

/// <summary>Cleans and checks the lines of a text one after another, and keeps those that are names.</summary>
/// <param name="source">What the text is, for messages.</param>
/// <param name="encoding">Its encoding.</param>
/// <param name="format">What becomes of a name.</param>
sealed class NameCollector(string source, string encoding, NamesFormat format)
{
    const int ShownFaults = 10;
    const int ShownCharacters = 40;

    readonly List<string> names = [];
    readonly HashSet<string> seen = new(StringComparer.Ordinal);
    readonly List<LineFault> faults = [];
    int faultCount;
    int repeats;
    int reformed;
    int withInvisible;
    int withSpaces;
    int lowered;

    /// <summary>The names.</summary>
    public IReadOnlyList<string> Names => names;

    /// <summary>Takes a line.</summary>
    /// <param name="line">Its number.</param>
    /// <param name="text">What may be a name, or null.</param>
    /// <param name="fault">What is wrong with the line, or null.</param>
    /// <exception cref="InvalidRequestException">There are more than <see cref="NamesFile.MostNames"/>.</exception>
    public void Add(int line, string? text, string? fault)
    {
        string name = "";
        TextChanges changes = TextChanges.None;
        if (text is not null)
        {
            (name, changes) = format.Text.Clean(text);
            fault ??= FaultOf(name);
        }
        if (fault is not null)
        {
            faultCount++;
            if (faults.Count < ShownFaults)
            {
                faults.Add(new LineFault(line, fault));
            }
        }
        else if (name.Length > 0)
        {
            Keep(name, changes);
        }
    }

    /// <summary>Ends the list.</summary>
    /// <exception cref="InvalidRequestException">A line is no name and none is to be left out, or there is no name.</exception>
    public ReadingReport Finish()
    {
        if (faultCount > 0 && !format.SkipBad)
        {
            IEnumerable<string> shown = faults.Select(fault => $"line {fault.Line} {fault.Reason}");
            string more = faultCount > faults.Count ? $"; and {faultCount - faults.Count} more" : "";
            string lines = faultCount == 1 ? "a line that is no name" : $"{faultCount} lines that are no names";
            throw new InvalidRequestException($"'{source}' has {lines}: "
                + $"{string.Join("; ", shown):whole}{more}; mend the file, or leave such lines out with {SettingName.SkipBad}");
        }
        return names.Count > 0
            ? new ReadingReport(encoding, faultCount, faults, repeats, reformed, withInvisible, withSpaces, lowered)
            : throw new InvalidRequestException($"'{source}' holds no names: put one on each line");
    }

    void Keep(string name, TextChanges changes)
    {
        if (format.Unique && !seen.Add(name))
        {
            repeats++;
            return;
        }
        if (names.Count == NamesFile.MostNames)
        {
            throw new InvalidRequestException(
                $"'{source}' has more than {NamesFile.MostNames:N0} names, the most that a list may have: use fewer");
        }
        names.Add(name);
        reformed += changes.HasFlag(TextChanges.Form) ? 1 : 0;
        withInvisible += changes.HasFlag(TextChanges.Invisible) ? 1 : 0;
        withSpaces += changes.HasFlag(TextChanges.Spaces) ? 1 : 0;
        lowered += changes.HasFlag(TextChanges.Case) ? 1 : 0;
    }

    string? FaultOf(string name)
    {
        foreach (char character in name)
        {
            if (character == NamesText.Damage)
            {
                return $"'{Shortened(name)}' is damaged, or not {encoding} text: for another encoding give {SettingName.Encoding}, "
                    + "such as windows-1252";
            }
            if (char.IsControl(character))
            {
                string mend = character == '\0' ? $": for UTF-16 text give {SettingName.Encoding} utf-16" : "";
                return string.Create(CultureInfo.InvariantCulture, $"holds the control character U+{(int)character:X4}{mend}");
            }
        }
        if (name.Length <= NamesFile.LongestName)
        {
            return null;
        }
        int tokens = format.Tokens.Count(name);
        return tokens <= NamesFile.LongestName
            ? null
            : $"'{Shortened(name)}' is {tokens} characters long and may have {NamesFile.LongestName}: is it a list of names?";
    }

    static string Shortened(string name) =>
        name.Length <= ShownCharacters ? name : string.Concat(name.EnumerateRunes().Take(ShownCharacters)) + "…";
}
