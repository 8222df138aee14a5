using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Makemore.Gpu.Runner.Display;

/// <summary>A page as text. Its pictures are for files.</summary>
static class ConsolePage
{
    // Longer lines are hard to read on any screen.
    const int WidestText = 100;

    /// <summary>Writes a page.</summary>
    /// <param name="session">Where it goes.</param>
    /// <param name="page">The page.</param>
    public static void Write(Session session, Page page) => Write(session.Tables, page);

    /// <summary>Writes a page.</summary>
    /// <param name="console">Where it goes.</param>
    /// <param name="page">The page.</param>
    public static void Write(IAnsiConsole console, Page page)
    {
        page = ShownPage.Of(page);
        WriteTitle(console, page.Title);
        foreach (Section section in page.Sections)
        {
            console.WriteLine();
            WriteTitle(console, section.Title);
            if (section.Facts.Count > 0)
            {
                WriteGrid(console, GridOf(section.Facts));
            }
            WriteLines(console, WrappedText.Lines(section.Text, Math.Min(WidestText, console.Profile.Width)));
            if (section.Grid is { } grid)
            {
                WriteGrid(console, grid);
            }
            WriteLines(console, section.Words.Select(word => (ShownNames.Padded(word.Text) + word.Note).TrimEnd()));
            WriteLines(console, section.Lines);
        }
    }

    /// <summary>Writes a table, by the space that there is: as it is, with broken headings, with broken texts, or in lines.</summary>
    /// <param name="session">Where it goes.</param>
    /// <param name="grid">The table.</param>
    public static void Write(Session session, Pages.Grid grid) => WriteGrid(session.Tables, ShownPage.Of(grid));

    static Pages.Grid GridOf(IReadOnlyList<Fact> facts) =>
        new([.. facts.Select(fact => fact.Name)], [[.. facts.Select(fact => $"{fact.Value} {fact.Note}".TrimEnd())]]);

    static void WriteTitle(IAnsiConsole console, string title) => console.WriteLine(title, new Style(decoration: Decoration.Bold));

    // Not by Spectre, which would break a line that is too long for the terminal at a position of its own choice.
    static void WriteLines(IAnsiConsole console, IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            console.Profile.Out.Writer.WriteLine(line);
        }
    }

    static void WriteGrid(IAnsiConsole console, Pages.Grid grid)
    {
        RenderOptions options = RenderOptions.Create(console);
        bool Fits(Table table) => ((IRenderable)table).Measure(options, int.MaxValue).Min <= console.Profile.Width;
        for (int spared = 0; spared <= grid.Spare.Count; spared++)
        {
            Pages.Grid left = grid.Without([.. grid.Spare.Take(spared)]);
            bool isLast = spared == grid.Spare.Count;
            Table? fitting = Layouts(left, isLast).FirstOrDefault(Fits);
            if (fitting is null && !isLast)
            {
                continue;
            }
            if (fitting is not null)
            {
                console.Write(fitting);
            }
            else
            {
                WriteLines(console, left.Rows.SelectMany(row => Fold(left.Columns, row)));
            }
            WriteLines(console, spared == 0 ? [] : WrappedText.Lines(
                $"not shown, for want of space: {string.Join(", ", grid.Spare.Take(spared))}", console.Profile.Width));
            return;
        }
    }

    // By itself, Spectre would break words and numbers to fit.
    static IEnumerable<Table> Layouts(Pages.Grid grid, bool isLast)
    {
        yield return Layout(grid, grid.Columns, wrapsText: false);
        yield return Layout(grid, grid.Columns.Select(column => column.Replace(' ', '\n')), wrapsText: false);
        if (isLast)
        {
            yield return Layout(grid, grid.Columns, wrapsText: true);
        }
    }

    static Table Layout(Pages.Grid grid, IEnumerable<string> headings, bool wrapsText)
    {
        Table table = new Table().Border(TableBorder.Simple);
        foreach ((int column, string heading) in headings.Index())
        {
            bool isText = grid.IsText(column);
            bool wraps = wrapsText && isText && column > 0;
            table.AddColumn(new TableColumn(new Text(heading))
            {
                Alignment = isText ? Justify.Left : Justify.Right,
                NoWrap = !wraps,
                // Else Spectre measures it as if it could be wrapped, and takes what is missing from the text columns.
                Width = wraps ? null : grid.Rows.Select(row => row[column]).Concat(heading.Split('\n')).Max(line => line.Length),
            });
        }
        foreach (IReadOnlyList<string> row in grid.Rows)
        {
            table.AddRow(row.Select(cell => new Text(cell)));
        }
        return table;
    }

    // A row as lines of its own, each cell beside its heading.
    static IEnumerable<string> Fold(IReadOnlyList<string> columns, IReadOnlyList<string> row) =>
        [row[0], .. columns.Zip(row).Skip(1).Select(cell => $"  {cell.First}: {cell.Second}")];
}
