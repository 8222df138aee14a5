using Makemore.Gpu.Kernels;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The tables of all kept results in README.md, between two marks. They are made here and never typed.</summary>
static class ReadmeTables
{
    const string Begin = "<!-- benchmarks:begin -->";
    const string End = "<!-- benchmarks:end -->";
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
        string renewed = Renewed(text, path);
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

    static string Renewed(string text, string path)
    {
        int begin = text.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = text.IndexOf(End, StringComparison.Ordinal);
        if (begin < Begin.Length || end < begin)
        {
            throw new InvalidRequestException($"'{path}' must hold the marks {Begin} and {End}, in this order: the tables go between them");
        }
        IEnumerable<string> tables = ResultsFile.Kept<OperationResults>(OperationResults.Kind).Select(results => $"### {results.Machine}\n\n{OperationTable.ToMarkdown(results)}");
        return $"{text[..begin]}\n{OperationTable.Legend}\n\n{string.Join('\n', tables)}{text[end..]}";
    }
}
