using System.Globalization;
using System.Numerics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>A range of numbers as it is written: 1..8, 0.5..3:6, log:0.01..1:9.</summary>
/// <param name="Text">All of it.</param>
/// <param name="IsLog">Whether its numbers have equal ratios and not equal distances.</param>
/// <param name="First">The first end.</param>
/// <param name="Last">The last end.</param>
/// <param name="Count">How many numbers are asked for, both ends among them; null where that is open.</param>
sealed record RangeText(string Text, bool IsLog, string First, string Last, int? Count)
{
    const string Between = "..";
    const string Log = "log:";

    /// <summary>Reads a range; null where the text is none.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">It is one with a fault.</exception>
    public static RangeText? Parse(string text)
    {
        bool isLog = text.StartsWith(Log, StringComparison.Ordinal);
        string[] ends = (isLog ? text[Log.Length..] : text).Split(Between, 2);
        if (ends is not [var first, var rest])
        {
            return isLog ? throw Fault(text) : null;
        }
        string[] lastAndCount = rest.Split(':', 2);
        return new RangeText(text, isLog, first, lastAndCount[0], lastAndCount is [_, var count] ? ParseCount(text, count) : null);
    }

    /// <summary>The ends as numbers.</summary>
    /// <typeparam name="T">The type of the numbers.</typeparam>
    /// <param name="styles">What they may look like.</param>
    /// <exception cref="InvalidRequestException">They are no numbers, or bound no such range.</exception>
    public (T First, T Last) Ends<T>(NumberStyles styles)
        where T : struct, INumber<T>
    {
        if (Read<T>(First, styles) is not { } first || Read<T>(Last, styles) is not { } last
            || !float.IsFinite(float.CreateSaturating(first)) || !float.IsFinite(float.CreateSaturating(last)))
        {
            throw Fault(Text);
        }
        if (first > last)
        {
            throw new InvalidRequestException($"'{Text}' runs backwards: write the smaller number first");
        }
        if (IsLog && first <= T.Zero)
        {
            throw new InvalidRequestException($"'{Text}' begins at {First} and must begin above 0, where numbers have ratios");
        }
        return Count == 1 && first < last ? throw CountFault(Text, "1") : (first, last);
    }

    static T? Read<T>(string text, NumberStyles styles)
        where T : struct, INumber<T> =>
        styles == NumberStyles.AllowLeadingSign ? WholeNumber.Parse<T>(text)
            : T.TryParse(text, styles, CultureInfo.InvariantCulture, out T number) ? (T?)number
            : null;

    static int ParseCount(string text, string count) =>
        int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= SweepGrid.MostNetworks
            ? number
            : throw CountFault(text, count);

    static InvalidRequestException CountFault(string text, string count) =>
        new($"'{text}' has a count of '{count}' and must have one from 2 to {SweepGrid.MostNetworks:N0}");

    static InvalidRequestException Fault(string text) =>
        new($"'{text}' is no range of such numbers: write one such as 1..8, 0.5..3:6 or log:0.01..1:9");
}
