using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>
/// The operations of all machines in one table, a line for each: how long it takes on MathNet, the CPU accelerator, OpenCL and CUDA. A
/// second one has the times with copies.
/// </summary>
static class OperationTable
{
    const string None = "–";

    // Names of devices begin with these, in the order of the columns.
    static readonly string[] Kinds = ["cpu", "opencl", "cuda"];

    static readonly string Legend =
        "Median time of one operation; in brackets, how many times as fast it is as on MathNet, which computes in double precision on the "
        + "processor, in the same run.";

    static readonly string Resident =
        $"Operands and results stay on the accelerator, and {AcceleratorBenchmark.LaunchesPerWait} launches are waited for together:";

    const string WithCopies = "Operands are copied there, results are copied back, and each launch is waited for:";

    /// <summary>The tables.</summary>
    /// <param name="machines">The results of each machine, at least one.</param>
    public static string ToMarkdown(IReadOnlyList<OperationResults> machines)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Legend}\n\n");
        foreach (OperationResults machine in machines)
        {
            text.Append(CultureInfo.InvariantCulture, $"- {Describe(machine)}\n");
        }
        if (!machines.Any(machine => machine.Accelerators.Keys.Any(name => KindOf(name) == "cuda")))
        {
            text.Append("- No results of a CUDA GPU are kept: on its machine, `gpu-suite` measures them ([how](cuda.md)).\n");
        }
        AppendTable(text, Resident, machines, nameof(AcceleratorBenchmark.Resident));
        AppendTable(text, WithCopies, machines, nameof(AcceleratorBenchmark.WithCopies));
        return text.ToString();
    }

    /// <summary>The machine, its software and its accelerators.</summary>
    /// <param name="results">The results.</param>
    static string Describe(OperationResults results)
    {
        IEnumerable<string> accelerators = results.Accelerators.Select(pair => $"`{pair.Key}`: {pair.Value}");
        return string.Create(CultureInfo.InvariantCulture, $"{results.Machine}, {results.OperatingSystem}, {results.Runtime}, ")
            + string.Create(CultureInfo.InvariantCulture, $"ILGPU {results.Ilgpu}, {results.Date:yyyy-MM-dd}. ")
            + string.Join(". ", accelerators)
            + (results.NoGpu is null ? "." : $". {results.NoGpu}.");
    }

    static void AppendTable(StringBuilder text, string heading, IReadOnlyList<OperationResults> machines, string method)
    {
        (OperationResults Machine, string? Accelerator)[] columns =
        [
            .. machines.Select(machine => (machine, (string?)null)),
            .. machines
                .SelectMany(machine => machine.Accelerators.Keys.Select(name => (machine, (string?)name)))
                .OrderBy(column => Array.IndexOf(Kinds, KindOf(column.Item2!))),
        ];
        text.Append(CultureInfo.InvariantCulture, $"\n{heading}\n\n");
        Markdown.AppendLine(
            text, ["operation", "shape", .. columns.Select(column => $"{Name(column.Accelerator)}, {column.Machine.Machine}")]);
        Markdown.AppendLine(text, ["---", "---", .. columns.Select(_ => "---:")]);
        foreach ((string operation, string shape) in machines
            .SelectMany(machine => machine.Rows.Where(row => !machine.IsOfAlgorithms(row)))
            .Select(row => (row.Operation, row.Shape)).Distinct())
        {
            Markdown.AppendLine(text, [operation, shape, .. columns.Select(column => Cell(column.Machine, column.Accelerator))]);

            string Cell(OperationResults machine, string? accelerator)
            {
                Row? reference = machine.Find(operation, shape, accelerator: null, nameof(OperationBenchmark.MathNet));
                Row? row = accelerator is null ? reference : machine.Find(operation, shape, accelerator, method);
                return (row, row == reference ? null : reference?.MedianNanoseconds / row?.MedianNanoseconds) switch
                {
                    (null, _) => None,
                    (_, null) => row.Time,
                    (_, { } ratio) => $"{row.Time} ({Markdown.Ratio(ratio)})",
                };
            }
        }
    }

    static string Name(string? accelerator) => accelerator is null ? "MathNet" : $"`{accelerator}`";

    static string KindOf(string accelerator) => accelerator.Split(':')[0];
}
