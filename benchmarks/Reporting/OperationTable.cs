using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Results as a Markdown table: a line for each operation, a column for MathNet, two for each accelerator.</summary>
static class OperationTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public static readonly string Legend =
        "Median time of one operation; in brackets, how many times as fast it is as on MathNet, which computes in double precision on the "
        + "processor, in the same run. Without copies, operands and results stay on the accelerator, and "
        + $"{AcceleratorBenchmark.LaunchesPerWait} launches are waited for together. With copies, operands go there, results come back, "
        + "and each launch is waited for.";

    const string None = "–";

    /// <summary>The table of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(OperationResults results)
    {
        string[] accelerators = [.. results.Accelerators.Keys];
        string[] headings =
            ["operation", "shape", "MathNet", .. accelerators.SelectMany(name => new[] { $"`{name}`", $"`{name}` with copies" })];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{results.OperatingSystem}, {results.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"ILGPU {results.Ilgpu}, {results.Date:yyyy-MM-dd}.");
        foreach ((string name, string description) in results.Accelerators)
        {
            text.Append(CultureInfo.InvariantCulture, $" `{name}`: {description}.");
        }
        text.Append("\n\n");
        Markdown.AppendLine(text, headings);
        Markdown.AppendLine(text, headings.Select((_, column) => column < 2 ? "---" : "---:"));
        foreach (IGrouping<(string, string), Row> operation in results.Rows.GroupBy(row => (row.Operation, row.Shape)))
        {
            Row? reference = operation.FirstOrDefault(row => row.Accelerator is null);
            IEnumerable<string> cells =
                from name in accelerators
                from method in new[] { nameof(AcceleratorBenchmark.Resident), nameof(AcceleratorBenchmark.WithCopies) }
                select Cell(operation.FirstOrDefault(row => row.Accelerator == name && row.Method == method), reference);
            Markdown.AppendLine(text, [operation.Key.Item1, operation.Key.Item2, reference?.Time ?? None, .. cells]);
        }
        return text.ToString();
    }

    static string Cell(Row? row, Row? reference) => (row, reference?.MedianNanoseconds / row?.MedianNanoseconds) switch
    {
        (null, _) => None,
        (_, null) => row.Time,
        (_, { } ratio) => $"{row.Time} ({Markdown.Ratio(ratio)})",
    };
}
