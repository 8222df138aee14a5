using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The tables of all kept results in README.md, each kind between two marks. They are made here and never typed.</summary>
static class ReadmeTables
{
    const string Usage = "use: readme [--check] [--file PATH]";

    /// <summary>Renews the tables, or checks them.</summary>
    /// <param name="options"><c>--check</c> to change nothing and to fail where the tables are out of date, <c>--file</c> for another file.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="InvalidRequestException">The options are wrong, or the file lacks the marks.</exception>
    public static int Run(string[] options)
    {
        (bool check, string path) = options switch
        {
            [] => (false, Path.Combine(Repository.Root, "README.md")),
            ["--check"] => (true, Path.Combine(Repository.Root, "README.md")),
            ["--file", string file] => (false, file),
            ["--check", "--file", string file] => (true, file),
            _ => throw new InvalidRequestException(Usage),
        };
        string text = File.Exists(path) ? File.ReadAllText(path) : throw new InvalidRequestException($"there is no '{path}': {Usage}");
        string renewed = Renewed(text, path, "torch", TorchTables());
        renewed = Renewed(renewed, path, "benchmarks", OperationTables());
        if (check && renewed != text)
        {
            Console.Error.WriteLine($"the benchmark tables of '{path}' are out of date: run dotnet run -c Release --project benchmarks -- readme");
            return 1;
        }
        if (renewed != text)
        {
            File.WriteAllText(path, renewed);
        }
        return 0;
    }

    static string Renewed(string text, string path, string name, string tables)
    {
        string beginMark = $"<!-- {name}:begin -->";
        string endMark = $"<!-- {name}:end -->";
        int begin = text.IndexOf(beginMark, StringComparison.Ordinal) + beginMark.Length;
        int end = text.IndexOf(endMark, StringComparison.Ordinal);
        if (begin < beginMark.Length || end < begin)
        {
            throw new InvalidRequestException($"'{path}' must hold the marks {beginMark} and {endMark}, in this order: tables go between them");
        }
        return $"{text[..begin]}\n{tables}{text[end..]}";
    }

    static string TorchTables()
    {
        string[] tables = [.. ResultsFile.Kept<TorchResults>(TorchResults.Kind).Select(TorchTable.ToMarkdown)];
        return tables.Length == 0 ? "" : $"{TorchTable.Legend}\n\n{string.Join('\n', tables)}";
    }

    static string OperationTables()
    {
        IEnumerable<string> tables = ResultsFile.Kept<OperationResults>(OperationResults.Kind)
            .Select(results => $"### {results.Machine}\n\n{OperationTable.ToMarkdown(results)}");
        return $"{OperationTable.Legend}\n\n{string.Join('\n', tables)}";
    }
}
