using System.Globalization;
using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Commands;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Explore;

/// <summary>The documents' cells, their commands and numbers: docs/cells.tsv, and docs/cells.md, which scripts/lessons makes.</summary>
sealed partial class CellsTests : CommandTests
{
    /// <summary>Processors with lanes of other widths add in another order, and a mean near 0 shows it.</summary>
    const double RelativeTolerance = 5e-5;

    /// <summary>The commands that end in seconds; none outside the repository.</summary>
    static IEnumerable<string> QuickCommands =>
        Documents.Repository is null
            ? []
            : Cells().Where(cell => cell.Run is "quick" or "rounding").Select(cell => cell.Command).Distinct();

    [Test]
    public void Every_cell_of_the_documents_has_a_row_in_order()
    {
        string[] exercises =
        [
            "0a", "0b", "1a", "1b", "1c", "1d", "2a", "2b", "3", "4a", "4b", "4c", "5", "6a", "6b", "7a", "7b", "7c", "8", "9", "10a",
            "10b", "11a", "11b", "11c", "12a", "12b", "12c", "13", "14a", "14b", "15a", "15b", "15c", "16a", "16b", "16c", "16d", "16e",
            "16f", "16g", "16h", "17", "W",
        ];
        string[] expected =
        [
            .. Numbered("A", 11), .. Numbered("D", 9), .. exercises.Select(exercise => $"B-{exercise}"), .. Numbered("C", 20),
            .. Numbered("E", 77),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(expected, Has.Length.EqualTo(161));
            Assert.That(Cells().Select(cell => cell.Id), Is.EqualTo(expected));
            Assert.That(TableRows().Select(row => row[0]), Is.EqualTo(expected));
        }
    }

    [Test]
    public void Every_command_parses_and_every_text_exists()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (Cell cell in Cells().Where(cell => cell.Command.StartsWith("read ", StringComparison.Ordinal)))
            {
                Assert.That(File.Exists(Documents.Path(cell.Command["read ".Length..])), Is.True, cell.Id);
            }
            foreach (string command in Cells().Where(cell => cell.Run != "never").Select(cell => cell.Command).Distinct())
            {
                var parsed = CommandLine.Root.Parse(Arguments(command));
                Assert.That(parsed.Errors.Select(error => error.Message), Is.Empty, command);
            }
        }
    }

    [TestCaseSource(nameof(QuickCommands))]
    public void A_quick_command_gives_the_numbers_of_its_cells(string command)
    {
        File.Copy(SmallNames.LecturePath(), "names.txt");
        string[] accelerator = command == "makemore devices" ? [] : ["--accelerator", "cpu"];
        string[] args = [.. Arguments(command), .. command.StartsWith("makemore data", StringComparison.Ordinal) ? [] : accelerator];
        string output = Succeed(args).Output;
        var shown = TableRows().ToDictionary(row => row[0], row => row[5]);
        using (Assert.EnterMultipleScope())
        {
            foreach (Cell cell in Cells().Where(cell => cell.Command == command))
            {
                string[]? numbers = cell.Numbers(output);
                Assert.That(numbers, Is.Not.Null, $"{cell.Id}: {cell.Pattern}");
                if (cell.Run == "quick" && numbers is not null)
                {
                    AssertNear(numbers, shown[cell.Id].Split("; ", StringSplitOptions.RemoveEmptyEntries), cell.Id);
                }
            }
        }
    }

    static void AssertNear(string[] actual, string[] expected, string id)
    {
        Assert.That(actual, Has.Length.EqualTo(expected.Length), id);
        foreach ((string number, string wanted) in actual.Zip(expected))
        {
            double value = Value(wanted);
            Assert.That(Value(number), Is.EqualTo(value).Within(Math.Max(LastDigit(wanted), RelativeTolerance * Math.Abs(value))), id);
        }
    }

    static double Value(string number) => double.Parse(number.TrimEnd('%'), NumberStyles.Any, CultureInfo.InvariantCulture);

    /// <summary>One in the last printed digit, and a little for the comparison's own rounding.</summary>
    static double LastDigit(string number)
    {
        string[] parts = number.TrimEnd('%').ToUpperInvariant().Split('E');
        int point = parts[0].IndexOf('.', StringComparison.Ordinal);
        int decimals = point < 0 ? 0 : parts[0].Length - point - 1;
        int exponent = parts.Length > 1 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
        // A whole number is a count, which does not round.
        return decimals == 0 && exponent == 0 ? 0 : 1.001 * Math.Pow(10, exponent - decimals);
    }

    static IEnumerable<string> Numbered(string document, int count) => Enumerable.Range(1, count).Select(number => $"{document}-{number}");

    static string[] Arguments(string command) => command.Split(' ')[1..];

    static IEnumerable<Cell> Cells() =>
        File.ReadLines(Documents.Path("docs", "cells.tsv")).Skip(1).Select(line => new Cell(line.Split('\t')));

    /// <summary>The rows of the tables in docs/cells.md, without their heads.</summary>
    static IEnumerable<string[]> TableRows() =>
        File.ReadLines(Documents.Path("docs", "cells.md"))
            .Where(line => CellRow().IsMatch(line))
            .Select(line => line.Trim('|').Split('|', StringSplitOptions.TrimEntries));

    [GeneratedRegex(@"^\| [A-E]-")]
    private static partial Regex CellRow();

    /// <summary>A row of docs/cells.tsv, read as scripts/cells.cs reads it.</summary>
    sealed record Cell(string[] Row)
    {
        const string Number = @"([-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:[Ee][-+]?\d+)?%?)";

        public string Id => Row[0];

        public string Command => Row[2];

        public string Run => Row[5];

        public string Pattern => Row[6];

        public string[]? Numbers(string output)
        {
            string lines = Regex.Replace(output.ReplaceLineEndings("\n"), @" +\n", "\n");
            Match match = Regex.Match(lines, Pattern.Replace(" ", @"\s+").Replace("#", Number));
            return match.Success ? [.. match.Groups.Values.Skip(1).Select(group => group.Value)] : null;
        }
    }
}
