namespace Makemore.Gpu.Runner.Display;

/// <summary>A curve in one line of characters, each as high as its value.</summary>
/// <param name="levels">The characters, from the lowest to the highest.</param>
sealed class Sparkline(string levels)
{
    /// <summary>By blocks of eight heights.</summary>
    public static Sparkline Blocks { get; } = new("▁▂▃▄▅▆▇█");

    /// <summary>By characters that every terminal has, the darker the higher.</summary>
    public static Sparkline Ascii { get; } = new("_.-:=+*#");

    /// <summary>The line.</summary>
    /// <param name="values">The values; null for a gap.</param>
    /// <param name="low">The value of the lowest character, as of all below.</param>
    /// <param name="high">The value of the highest one, as of all above and of what is no number.</param>
    public string Of(IEnumerable<double?> values, double low, double high) =>
        new([.. values.Select(value => value is { } number ? levels[LevelOf(number, low, high)] : ' ')]);

    int LevelOf(double value, double low, double high) =>
        !double.IsFinite(value) || value >= high && high > low ? levels.Length - 1
        : high > low ? (int)(Math.Max(0, (value - low) / (high - low)) * levels.Length)
        : 0;
}
