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

    /// <summary>Vertical lines: when something happened. Those beside the data are left out.</summary>
    public IReadOnlyList<Moment> Moments { get; init; } = [];

    /// <summary>What is shown of the horizontal axis.</summary>
    public Extent Across { get; init; } = Extent.OfData;

    /// <summary>What is shown of the vertical axis.</summary>
    public Extent Upward { get; init; } = Extent.OfData;

    /// <summary>Whether the vertical axis is logarithmic; values that are not above 0 are then left out.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>Whether the horizontal axis is logarithmic; positions that are not above 0 are then left out.</summary>
    public bool IsLogarithmicAcross { get; init; }

    /// <summary>The names of the positions 0, 1, 2 and so on; without them the horizontal axis has numbers.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>What the labels of points mean, for the legend, which then names the series of the labels, too.</summary>
    public IReadOnlyList<string> Key { get; init; } = [];
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
sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y, SeriesStyle Style = SeriesStyle.Line)
{
    /// <summary>What is written at each of the points, in place of a mark and of the name in the legend; nothing for marks.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>A horizontal line to compare with.</summary>
/// <param name="Y">Its height.</param>
/// <param name="Name">What it means.</param>
sealed record Level(double Y, string Name);

/// <summary>A vertical line: when something happened.</summary>
/// <param name="X">When.</param>
/// <param name="Name">What happened.</param>
sealed record Moment(double X, string Name);

/// <summary>A rectangle of shades of gray.</summary>
/// <param name="Name">The name of its files, without an ending.</param>
/// <param name="Title">What it shows.</param>
/// <param name="XLabel">The horizontal axis.</param>
/// <param name="YLabel">The vertical axis, which counts downwards.</param>
/// <param name="Values">The values [rows, columns].</param>
/// <param name="Black">The value that is black, as are all below.</param>
/// <param name="White">The value that is white, as are all above.</param>
sealed record ShadeMap(string Name, string Title, string XLabel, string YLabel, double[,] Values, double Black, double White)
    : Picture(Name, Title)
{
    /// <summary>Shades and what they mean; without them the legend has the values of black, middle gray and white.</summary>
    public IReadOnlyList<Shade> Shades { get; init; } = [];

    /// <summary>The names of the columns; without them the horizontal axis counts them.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>The names of the rows; without them the vertical axis counts them. Cells with names on both sides are large.</summary>
    public IReadOnlyList<string> RowNames { get; init; } = [];

    /// <summary>What it means that a cell has no value: it is crossed out, and the legend says so; nothing to leave it empty.</summary>
    public string Missing { get; init; } = "";

    /// <summary>Columns in a color of their own; null for none.</summary>
    public MarkedColumns? Marked { get; init; }
}

/// <summary>A shade in the legend of a map.</summary>
/// <param name="Value">Its value.</param>
/// <param name="Name">What it means.</param>
sealed record Shade(double Value, string Name);

/// <summary>Columns of a map that stand out.</summary>
/// <param name="Name">What they are.</param>
/// <param name="Columns">The columns.</param>
sealed record MarkedColumns(string Name, IReadOnlyList<int> Columns);
