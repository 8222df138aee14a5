using System.Globalization;

namespace Makemore.Gpu.Runner.Output;

/// <summary>Numbers as they are shown, in every culture alike.</summary>
static class Format
{
    // A TimeSpan can be it.
    const double LongestSeconds = 1e11;

    /// <summary>A count, with thousands set apart: 182,625.</summary>
    /// <param name="value">The count.</param>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A count of things: 1 step, 182,625 steps.</summary>
    /// <param name="count">The count.</param>
    /// <param name="one">One of them.</param>
    /// <param name="many">Several of them; null for that with an s.</param>
    public static string Counted(long count, string one, string? many = null) => $"{Count(count)} {(count == 1 ? one : many ?? one + "s")}";

    /// <summary>A loss: 2.1055, or 1.3E+12 where it has run away.</summary>
    /// <param name="value">The loss.</param>
    public static string Loss(double value) => Math.Abs(value) < 1e6 ? Fixed(value, 4) : Written(value, "0.0E+00");

    /// <summary>A difference: 3.7E-09, or 0.</summary>
    /// <param name="value">The difference.</param>
    public static string Difference(double value) => value == 0 ? "0" : Written(value, "0.0E+00");

    /// <summary>A difference in units in the last place: 2.5, or 1.3E+09 where the unit is that of a number near 0.</summary>
    /// <param name="value">The units.</param>
    public static string Ulps(double value) =>
        value == 0 ? "0" : Written(value, Math.Abs(value) < 1e6 ? "0.0" : "0.0E+00");

    /// <summary>A number with its sign: +0.25, -1.50; what rounds to 0 is +0.00.</summary>
    /// <param name="value">The number.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Signed(double value, int decimals) => WithSign(Fixed(value, decimals));

    /// <summary>A number with a fixed number of digits after the point; what rounds to 0 is 0.00, without a sign.</summary>
    /// <param name="value">The number.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Fixed(double value, int decimals)
    {
        string text = Written(value, $"F{decimals}");
        bool isZero = text.Trim('-', '0', '.').Length == 0;
        return isZero ? text.TrimStart('-') : text;
    }

    /// <summary>A number with an exponent: 4.205588e-04, as Python's <c>%e</c> writes it; 0 has no sign.</summary>
    /// <param name="value">The number.</param>
    public static string Scientific(double value) => Written(value == 0 ? 0 : value, "0.000000e+00");

    /// <summary>A number with its sign and an exponent: +4.205588e-04, as Python's <c>%+e</c> writes it.</summary>
    /// <param name="value">The number.</param>
    public static string SignedScientific(double value) => WithSign(Scientific(value));

    /// <summary>A value of an enum as the options spell it: relu.</summary>
    /// <param name="value">The value.</param>
    public static string Word(Enum value) => value.ToString().ToLowerInvariant();

    /// <summary>A part of a whole: 2.78%.</summary>
    /// <param name="part">The part, 0 to 1.</param>
    /// <param name="decimals">Digits after the point.</param>
    public static string Percent(double part, int decimals = 2) => Fixed(100 * part, decimals) + (double.IsFinite(part) ? "%" : "");

    /// <summary>A factor with the digits that it has: 0.2, 50, or 5/3, as the lectures write tanh's gain.</summary>
    /// <param name="value">The factor, which counts as 5/3 where seven digits of it were given.</param>
    public static string Factor(double value) =>
        Math.Abs(value - (5.0 / 3)) < 1e-6 ? "5/3" : ((float)value).ToString(CultureInfo.InvariantCulture);

    /// <summary>A number beside an axis: 200,000, −0.25, 1.5E−8.</summary>
    /// <param name="value">The number.</param>
    /// <param name="step">The distance to the next one, which tells how many decimals count.</param>
    public static string Tick(double value, double step)
    {
        int decimals = Math.Max(0, -(int)Math.Floor(Math.Log10(step)));
        string text = value != 0 && (decimals > 5 || Math.Abs(value) >= 1e9)
            ? value.ToString("0.####E0", CultureInfo.InvariantCulture)
            : value.ToString(decimals > 5 ? "0" : $"N{decimals}", CultureInfo.InvariantCulture);
        return text.Replace('-', '−');
    }

    /// <summary>A size in memory: 139 GiB.</summary>
    /// <param name="bytes">The size in bytes.</param>
    public static string Bytes(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        double value = bytes;
        int unit = 0;
        while (value >= 1024 && unit < units.Length - 1)
        {
            value /= 1024;
            unit++;
        }
        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {units[unit]}");
    }

    /// <summary>A measured number with three digits: 123, 12.3, 0.0123.</summary>
    /// <param name="value">The number, 0 or above.</param>
    public static string ThreeDigits(double value)
    {
        if (!double.IsFinite(value))
        {
            return Fixed(value, 0);
        }
        // What rounds up to the next power of ten has a digit less after the point.
        string rounded = value.ToString("E2", CultureInfo.InvariantCulture);
        int exponent = int.Parse(rounded.Split('E')[1], CultureInfo.InvariantCulture);
        return value == 0 ? "0" : Fixed(value, Math.Max(0, 2 - exponent));
    }

    /// <summary>A short time with three digits: 1.23 µs, 45.6 ms, 7.89 s.</summary>
    /// <param name="seconds">The time in seconds.</param>
    public static string ShortTime(double seconds) => seconds switch
    {
        < 1e-3 => ThreeDigits(seconds * 1e6) + " µs",
        < 1 => ThreeDigits(seconds * 1e3) + " ms",
        _ => ThreeDigits(seconds) + " s",
    };

    /// <summary>A time: 45 s, 3 min 05 s, 1 h 02 min.</summary>
    /// <param name="time">The time.</param>
    public static string Duration(TimeSpan time) => time.TotalSeconds switch
    {
        < 60 => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s"),
        < 3600 => string.Create(CultureInfo.InvariantCulture, $"{time.Minutes} min {time.Seconds:00} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Math.Floor(time.TotalHours)} h {time.Minutes:00} min"),
    };

    /// <summary>A time that is expected, and may be longer than anybody waits.</summary>
    /// <param name="seconds">The time in seconds.</param>
    public static string Duration(double seconds) => Duration(TimeSpan.FromSeconds(Math.Min(seconds, LongestSeconds)));

    // In words where it is none.
    static string Written(double value, string format) => value switch
    {
        double.NaN => "not a number",
        double.PositiveInfinity => "infinite",
        double.NegativeInfinity => "-infinite",
        _ => value.ToString(format, CultureInfo.InvariantCulture),
    };

    static string WithSign(string text) => char.IsAsciiDigit(text[0]) ? "+" + text : text;
}
