// Runs each command of docs/cells.tsv once, and writes the table of the documents' cells with the numbers that the commands print.
//
//   dotnet run scripts/cells.cs MAKEMORE CELLS >docs/cells.md     MAKEMORE is the program, CELLS docs/cells.tsv; names.txt lies here

#:property RestorePackagesWithLockFile=false

using System.Diagnostics;
using System.Text.RegularExpressions;

string program = args[0];
Cell[] cells = [.. File.ReadLines(args[1]).Skip(1).Select(line => line.Split('\t')).Select(row => new Cell(row))];
Dictionary<string, string> outputs = [];
foreach (string command in cells.Where(cell => cell.Runs).Select(cell => cell.Command).Distinct())
{
    Console.Error.WriteLine($"  {command}");
    outputs.Add(command, Output(command));
}

Console.WriteLine(
    """
    # The documents, cell by cell

    Five documents follow Andrej Karpathy's lectures on activations, BatchNorm and manual backprop: an essay on dead neurons and BatchNorm
    (A), a tutorial of 17 exercises (B), a notebook of manual backprop (C), a summary (D), and a long notebook (E). Each row is one of their
    cells or statements: what it shows, the command that shows it here, and the numbers of both. A command with `--run` leaves a run, which
    later ones inspect, evaluate or sample. Some of the commands stand in [The lectures, lesson by lesson](lessons.md) with their output.

    "same" is the same number or picture; "same kind" the same thing from other random draws, or in another layout; "other form" other
    mathematics. Where a document has code and no number, its number is what the code gives in libtorch. `scripts/lessons names.txt` runs
    the commands of `cells.tsv` and writes this page.
    """);
foreach (IGrouping<char, Cell> document in cells.GroupBy(cell => cell.Id[0]))
{
    Console.WriteLine($"\n## Document {document.Key}\n\n| cell | what it shows | command | document | | here |\n|---|---|---|---|---|---|");
    foreach (Cell cell in document)
    {
        string[] found = cell.Runs ? cell.Numbers(outputs[cell.Command]) : [];
        Console.WriteLine(
            $"| {cell.Id} | {cell.Shows} | `{cell.Command}` | {cell.Document} | {cell.Verdict} | {string.Join("; ", found)} |");
    }
}

string Output(string command)
{
    string[] words = command.Split(' ')[1..];
    using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true })!;
    string output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return process.ExitCode == 0 ? output : throw new InvalidOperationException($"{command} ended with {process.ExitCode}");
}

/// <summary>A row of docs/cells.tsv.</summary>
sealed record Cell(string Id, string Shows, string Command, string Document, string Verdict, string Run, string Pattern)
{
    const string Number = @"([-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:[Ee][-+]?\d+)?%?)";

    public Cell(string[] row) : this(row[0], row[1], row[2], row[3], row[4], row[5], row[6])
    {
    }

    public bool Runs => Run != "never";

    /// <summary>The numbers of an output that the pattern finds: in it, # is a number to be shown, and a space any white space.</summary>
    public string[] Numbers(string output)
    {
        // A table pads its last column with spaces.
        string lines = Regex.Replace(output, @" +\n", "\n");
        Match match = Regex.Match(lines, Pattern.Replace(" ", @"\s+").Replace("#", Number));
        return match.Success
            ? [.. match.Groups.Values.Skip(1).Select(group => group.Value)]
            : throw new InvalidOperationException($"{Id}: the output of {Command} has no {Pattern}");
    }
}
