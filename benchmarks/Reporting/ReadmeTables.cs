using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The tables of all kept results in the documents, each kind between two marks. They are made here and never typed.</summary>
static class ReadmeTables
{
    static readonly IReadOnlyList<Section> Sections =
    [
        new("README.md", "speed", SummaryTable.Speed),
        new("README.md", CorrectnessResults.Kind, () =>
            SummaryTable.Correctness(ResultsFile.Kept<CorrectnessResults>(CorrectnessResults.Kind))),
        new("docs/results.md", "torch", Tables<TorchResults>(TorchResults.Kind, TorchTable.Legend, TorchTable.ToMarkdown)),
        new("docs/results.md", GpuResults.Kind, Tables<GpuResults>(
            GpuResults.Kind, GpuTable.Legend, GpuTable.ToMarkdown, GpuTable.NoResults)),
        new("docs/results.md", "benchmarks", () =>
            OperationTable.ToMarkdown([.. ResultsFile.Kept<OperationResults>(OperationResults.Kind)])),
        new("docs/architecture.md", "algorithms", () =>
            AlgorithmsTable.ToMarkdown(ResultsFile.Kept<OperationResults>(OperationResults.Kind))),
        new("docs/reliability.md", ReliabilityResults.Kind, Tables<ReliabilityResults>(
            ReliabilityResults.Kind, ReliabilityTable.Legend, ReliabilityTable.ToMarkdown, ReliabilityTable.NoResults)),
        new("docs/performance.md", LadderResults.Kind, Tables<LadderResults>(
            LadderResults.Kind, LadderTable.Legend, LadderTable.ToMarkdown, LadderTable.NoResults)),
        new("docs/performance.md", ProductResults.Kind, Tables<ProductResults>(
            ProductResults.Kind, ProductTable.Legend, ProductTable.ToMarkdown, ProductTable.NoResults)),
        new("docs/performance.md", StrategyResults.Kind, Tables<StrategyResults>(
            StrategyResults.Kind, StrategyTable.Legend, StrategyTable.ToMarkdown, StrategyTable.NoResults)),
        new("docs/performance.md", NetworksResults.Kind, Tables<NetworksResults>(
            NetworksResults.Kind, NetworksTable.Legend, NetworksTable.ToMarkdown, NetworksTable.NoResults)),
        new("docs/performance.md", "phases", Tables<PhaseResults>(PhaseResults.Kind, PhaseTable.Legend, PhaseTable.ToMarkdown)),
    ];

    /// <summary>Renews the tables, or checks them.</summary>
    /// <param name="options"><c>--check</c> to change nothing and to fail where a table is out of date.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">The options are wrong, or a document lacks its marks.</exception>
    public static int Run(string[] options)
    {
        bool check = options switch
        {
            [] => false,
            ["--check"] => true,
            _ => throw new InvalidRequestException("use: readme [--check]"),
        };
        bool isCurrent = true;
        foreach (Section section in Sections)
        {
            string path = Path.Combine(Repository.Root, section.Document);
            string text = File.ReadAllText(path);
            string renewed = Renewed(text, section);
            if (check && renewed != text)
            {
                Console.Error.WriteLine(
                    $"the tables of {section.Document} are out of date: run dotnet run -c Release --project benchmarks -- readme");
                isCurrent = false;
            }
            else if (renewed != text)
            {
                File.WriteAllText(path, renewed);
            }
        }
        return isCurrent ? 0 : 1;
    }

    static string Renewed(string text, Section section)
    {
        string beginMark = $"<!-- {section.Mark}:begin -->";
        string endMark = $"<!-- {section.Mark}:end -->";
        int begin = text.IndexOf(beginMark, StringComparison.Ordinal) + beginMark.Length;
        int end = text.IndexOf(endMark, StringComparison.Ordinal);
        return begin >= beginMark.Length && end >= begin
            ? $"{text[..begin]}\n{section.Tables()}{text[end..]}"
            : throw new InvalidRequestException(
                $"{section.Document} must hold the marks {beginMark} and {endMark}, in this order: tables go between them");
    }

    static Func<string> Tables<T>(string kind, string legend, Func<T, string> toMarkdown, string none = "") => () =>
    {
        string[] tables = [.. ResultsFile.Kept<T>(kind).Select(toMarkdown)];
        return tables.Length == 0 ? none : $"{legend}\n\n{string.Join('\n', tables)}";
    };

    /// <summary>Where tables go.</summary>
    /// <param name="Document">The document, from the repository's root.</param>
    /// <param name="Mark">The name of the marks around them.</param>
    /// <param name="Tables">Makes them.</param>
    sealed record Section(string Document, string Mark, Func<string> Tables);
}
