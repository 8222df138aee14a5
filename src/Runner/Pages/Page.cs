namespace Makemore.Gpu.Runner.Pages;

/// <summary>What a command has to show, before it is laid out for a terminal or a browser.</summary>
/// <param name="Title">What it is about.</param>
/// <param name="Sections">Its parts, in the order in which they are read.</param>
sealed record Page(string Title, IReadOnlyList<Section> Sections)
{
    /// <summary>What its pictures are about, for those that are shown without it; nothing where their titles tell.</summary>
    public string Subject { get; init; } = "";
}

/// <summary>A part of a page. Each of its parts may be missing.</summary>
/// <param name="Title">What it shows.</param>
sealed record Section(string Title)
{
    /// <summary>What to look at, and why, in a few sentences.</summary>
    public string Text { get; init; } = "";

    /// <summary>Lines of a fixed width, as the lectures print them.</summary>
    public IReadOnlyList<string> Lines { get; init; } = [];

    /// <summary>The few numbers that tell most, before all else.</summary>
    public IReadOnlyList<Fact> Facts { get; init; } = [];

    /// <summary>A table.</summary>
    public Grid? Grid { get; init; }

    /// <summary>Pictures.</summary>
    public IReadOnlyList<Picture> Pictures { get; init; } = [];

    /// <summary>Words, each with what is to know about it.</summary>
    public IReadOnlyList<Word> Words { get; init; } = [];
}

/// <summary>A number that tells much.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">The number.</param>
/// <param name="Note">What stands beside it, such as of how many it is a part.</param>
sealed record Fact(string Name, string Value, string Note = "");

/// <summary>A word in a list of words.</summary>
/// <param name="Text">The word.</param>
/// <param name="Note">What is to know about it, in a word or two.</param>
sealed record Word(string Text, string Note);

/// <summary>A table. The first column names the rows.</summary>
/// <param name="Columns">The headings.</param>
/// <param name="Rows">The rows, each with a cell for every column.</param>
sealed record Grid(IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<string>> Rows)
{
    /// <summary>Whether the cells are words to be read, rather than numbers to be compared.</summary>
    public bool HoldsText { get; init; }

    /// <summary>Whether the cells of the last column are words, whatever the others are.</summary>
    public bool EndsInText { get; init; }

    /// <summary>Further columns whose cells are words, by their headings.</summary>
    public IReadOnlyList<string> Words { get; init; } = [];

    /// <summary>Columns that a terminal without the space for them leaves out, by their headings, the first to go first.</summary>
    public IReadOnlyList<string> Spare { get; init; } = [];

    /// <summary>Whether a column is aligned as text.</summary>
    /// <param name="column">The column.</param>
    public bool IsText(int column) =>
        column == 0 || HoldsText || (EndsInText && column == Columns.Count - 1) || Words.Contains(Columns[column]);

    /// <summary>The table without some of its columns.</summary>
    /// <param name="columns">Their headings.</param>
    public Grid Without(IReadOnlyList<string> columns)
    {
        int[] kept = [.. Enumerable.Range(0, Columns.Count).Where(column => !columns.Contains(Columns[column]))];
        return this with
        {
            Columns = [.. kept.Select(column => Columns[column])],
            Rows = [.. Rows.Select(row => (string[])[.. kept.Select(column => row[column])])],
        };
    }
}
