namespace Makemore.Gpu.Runner.Pages;

/// <summary>A picture as data, before anything is drawn.</summary>
/// <param name="Name">The name of its files, without an ending.</param>
/// <param name="Title">What it shows.</param>
abstract record Picture(string Name, string Title);

/// <summary>Lines and points over two axes.</summary>
/// <param name="Name">The name of its files, without an ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="XLabel">The horizontal axis.</param>
/// <param name="YLabel">The vertical axis.</param>
/// <param name="Series">What is drawn, the first below the others. Values that are not finite are left out.</param>
sealed record Chart(string Name, string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series) : Picture(Name, Title)
{
    /// <summary>Horizontal lines to compare with.</summary>
    public IReadOnlyList<Level> Levels { get; init; } = [];

    /// <summary>The part of the horizontal axis that is shown; null for all of the series.</summary>
    public AxisRange? XRange { get; init; }

    /// <summary>The part of the vertical axis that is shown; null for all of the series and levels.</summary>
    public AxisRange? YRange { get; init; }
}

/// <summary>The part of an axis that is shown, the same in pictures that are compared.</summary>
/// <param name="Low">Its lower end.</param>
/// <param name="High">Its upper end.</param>
sealed record AxisRange(double Low, double High)
{
    /// <summary>The range of some values; null where none is a finite number.</summary>
    /// <param name="values">The values.</param>
    public static AxisRange? Of(IEnumerable<double> values)
    {
        double[] finite = [.. values.Where(double.IsFinite)];
        return finite.Length == 0 ? null : new AxisRange(finite.Min(), finite.Max());
    }
}

/// <summary>How a series is drawn.</summary>
enum SeriesStyle
{
    /// <summary>A line.</summary>
    Line,

    /// <summary>A thin line in the background: what another one is the average of.</summary>
    Faint,

    /// <summary>Points.</summary>
    Points,

    /// <summary>A dashed line to compare with, such as a diagonal.</summary>
    Guide,
}

/// <summary>Values over positions on the horizontal axis.</summary>
/// <param name="Name">The name, as the legend has it.</param>
/// <param name="X">The positions.</param>
/// <param name="Y">The values, one for each position.</param>
/// <param name="Style">How it is drawn.</param>
sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, SeriesStyle Style = SeriesStyle.Line);

/// <summary>A horizontal line to compare with.</summary>
/// <param name="Y">Its height.</param>
/// <param name="Name">What it means.</param>
sealed record Level(double Y, string Name);

/// <summary>A rectangle of shades of gray.</summary>
/// <param name="Name">The name of its files, without an ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="XLabel">The horizontal axis.</param>
/// <param name="YLabel">The vertical axis, which counts downwards.</param>
/// <param name="Values">The values [rows, columns].</param>
/// <param name="Black">The value that is black, as are all below.</param>
/// <param name="White">The value that is white, as are all above.</param>
sealed record ShadeMap(string Name, string Title, string XLabel, string YLabel, double[,] Values, double Black, double White)
    : Picture(Name, Title);
