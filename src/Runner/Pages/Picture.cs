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

    /// <summary>What is shown of the horizontal axis.</summary>
    public Extent Across { get; init; } = Extent.OfData;

    /// <summary>What is shown of the vertical axis.</summary>
    public Extent Upward { get; init; } = Extent.OfData;
}

/// <summary>The part of an axis that is shown: what lies beyond is cut off.</summary>
/// <param name="Low">Its lower end; null for where the data end.</param>
/// <param name="High">Its upper end; null for where the data end.</param>
sealed record Extent(double? Low, double? High)
{
    /// <summary>All of the data.</summary>
    public static Extent OfData { get; } = new(null, null);
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
