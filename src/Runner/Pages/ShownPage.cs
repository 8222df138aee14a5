using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Pages;

/// <summary>A page whose every text is <see cref="ShownText"/>, so that any terminal, browser and picture can have it.</summary>
static class ShownPage
{
    /// <summary>The page as it is shown.</summary>
    /// <param name="page">The page.</param>
    public static Page Of(Page page) => new(ShownText.Line(page.Title), [.. page.Sections.Select(Of)])
    {
        Subject = ShownText.Line(page.Subject),
    };

    /// <summary>A table as it is shown.</summary>
    /// <param name="grid">The table.</param>
    public static Grid Of(Grid grid) => grid with { Columns = All(grid.Columns), Rows = [.. grid.Rows.Select(All)] };

    static Section Of(Section section) => new(ShownText.Line(section.Title))
    {
        Text = ShownText.Lines(section.Text),
        Lines = All(section.Lines),
        Grid = section.Grid is { } grid ? Of(grid) : null,
        Pictures = [.. section.Pictures.Select(Of)],
        Facts =
        [
            .. section.Facts.Select(fact => new Fact(ShownText.Line(fact.Name), ShownText.Line(fact.Value), ShownText.Line(fact.Note))),
        ],
        Words = [.. section.Words.Select(word => new Word(ShownText.Line(word.Text), ShownText.Line(word.Note)))],
    };

    static Picture Of(Picture picture) => (picture with { Title = ShownText.Line(picture.Title) }) switch
    {
        Chart chart => chart with
        {
            XLabel = ShownText.Line(chart.XLabel),
            YLabel = ShownText.Line(chart.YLabel),
            Series =
            [
                .. chart.Series.Select(series => series with { Name = ShownText.Line(series.Name), Labels = All(series.Labels) }),
            ],
            Levels = [.. chart.Levels.Select(level => level with { Name = ShownText.Line(level.Name) })],
            Moments = [.. chart.Moments.Select(moment => moment with { Name = ShownText.Line(moment.Name) })],
            Names = All(chart.Names),
            Key = All(chart.Key),
        },
        ShadeMap map => map with
        {
            XLabel = ShownText.Line(map.XLabel),
            YLabel = ShownText.Line(map.YLabel),
            Shades = [.. map.Shades.Select(shade => shade with { Name = ShownText.Line(shade.Name) })],
            Names = All(map.Names),
            RowNames = All(map.RowNames),
            Missing = ShownText.Line(map.Missing),
            Marked = map.Marked is { } marked ? marked with { Name = ShownText.Line(marked.Name) } : null,
        },
        var other => other,
    };

    static string[] All(IReadOnlyList<string> texts) => [.. texts.Select(ShownText.Line)];
}
