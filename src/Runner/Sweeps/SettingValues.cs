using System.Globalization;
using System.Numerics;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The values of a setting, each made when it is asked for.</summary>
/// <param name="Count">How many there are.</param>
/// <param name="At">The value of an index, from 0.</param>
sealed record SettingValues(BigInteger Count, Func<BigInteger, string> At)
{
    // As many as a 64-bit floating-point number can tell apart between 0 and 1.
    const long Continuum = 1L << 53;

    /// <summary>The range without a count of which these are the numbers, too many for a grid; else null.</summary>
    public string? Open { get; private init; }

    /// <summary>A list. What repeats counts once.</summary>
    /// <param name="values">The values.</param>
    public static SettingValues Of(params IEnumerable<string> values)
    {
        string[] list = [.. values.Distinct()];
        return new(list.Length, index => list[(int)index]);
    }

    /// <summary>A value or a range of numbers with a fraction.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">It is a range with a fault.</exception>
    public static SettingValues Real(string text)
    {
        if (RangeText.Parse(text) is not { } written)
        {
            bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
            return Of(isNumber && double.IsFinite(number) ? NumberRange.Shortest(number) : text);
        }
        (double first, double last) = written.Ends<double>(NumberStyles.Float);
        var range = new NumberRange(first, last, written.IsLog);
        return first == last ? Of(NumberRange.Shortest(first))
            : written.Count is { } count ? new(count, index => range.TextAt((double)index / (count - 1), 1.0 / (count - 1)))
            : new(Continuum, index => range.TextAt((double)index / Continuum, 1)) { Open = text };
    }

    /// <summary>A value or a range of whole numbers.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">It is a range with a fault.</exception>
    public static SettingValues Whole(string text)
    {
        if (RangeText.Parse(text) is not { } written)
        {
            return Of(WholeNumber.Parse<Int128>(text) is { } number ? Text(number) : text);
        }
        (BigInteger first, BigInteger last) = written.Ends<Int128>(NumberStyles.AllowLeadingSign);
        var range = new NumberRange((double)first, (double)last, written.IsLog);
        return written.Count is { } count ? Of(Enumerable.Range(0, count).Select(index => Rounded((double)index / Math.Max(1, count - 1))))
            : written.IsLog && first < last ? new(Continuum, index => Rounded((double)index / Continuum)) { Open = text }
            : new(last - first + 1, index => Text(first + index));

        // The ends may have more digits than a floating-point number.
        string Rounded(double part) => Text(
            part == 0 ? first : part == 1 ? last : BigInteger.Clamp(new BigInteger(Math.Round(range.At(part))), first, last));
    }

    /// <summary>The values of several in one list.</summary>
    /// <param name="parts">Those.</param>
    /// <exception cref="InvalidRequestException">They do not make a list.</exception>
    public static SettingValues Join(IReadOnlyList<SettingValues> parts)
    {
        if (parts is [var single])
        {
            return single;
        }
        if (parts.FirstOrDefault(part => part.Open is not null) is { } open)
        {
            throw new InvalidRequestException($"'{open.Open}' stands in a list: give it a count, such as {open.Open}:5");
        }
        BigInteger count = parts.Aggregate(BigInteger.Zero, (sum, part) => sum + part.Count);
        return count <= SweepGrid.MostNetworks
            ? Of(parts.SelectMany(part => Enumerable.Range(0, (int)part.Count).Select(index => part.At(index))))
            : throw new InvalidRequestException($"the list has {count:N0} values and may have {SweepGrid.MostNetworks:N0}");
    }

    /// <summary>One of the values, each as likely as another.</summary>
    /// <param name="bits">Random bits, whose part of 2^64 is that of the way through the values.</param>
    public string Draw(ulong bits) => At((bits * Count) >> 64);

    static string Text<T>(T number)
        where T : INumber<T> => number.ToString(null, CultureInfo.InvariantCulture);
}
