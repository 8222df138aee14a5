using System.Globalization;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The numbers between two ends.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Last">The last.</param>
/// <param name="IsLog">Whether equal parts of the way have equal ratios and not equal distances.</param>
sealed record NumberRange(double First, double Last, bool IsLog)
{
    /// <summary>The number after a part of the way.</summary>
    /// <param name="part">The part, 0 to 1.</param>
    public double At(double part) => part switch
    {
        0 => First,
        1 => Last,
        _ when IsLog => Math.Exp(double.Lerp(Math.Log(First), Math.Log(Last), part)),
        _ => double.Lerp(First, Last, part),
    };

    /// <summary>
    /// The text of a number, of about six digits: as many as keep it from moving by a hundredth of the way to the next one. The ends stay
    /// as they are.
    /// </summary>
    /// <param name="part">The part of the way after which it comes.</param>
    /// <param name="step">The part of the way from it to the next one.</param>
    public string TextAt(double part, double step)
    {
        double value = At(part);
        if (part is 0 or 1)
        {
            return Shortest(value);
        }
        double near = Math.Abs(At(part + step) - value) / 100;
        // Between two ends of opposite sign the number 0 comes out as 1e-17 or so.
        double rounded = !IsLog && Math.Abs(value) < 1e-6 * near
            ? 0
            : double.Parse(value.ToString("G6", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
        return Shortest(Math.Abs(rounded - value) < near ? Math.Clamp(rounded, First, Last) : value);
    }

    /// <summary>The shortest text that is read as the same number.</summary>
    /// <param name="value">The number.</param>
    public static string Shortest(double value) => value.ToString("R", CultureInfo.InvariantCulture).ToLowerInvariant();
}
