using System.Text;
using Makemore.Gpu.Benchmarks.Operations;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What the project does in its own way beside what ILGPU.Algorithms has for it, on all accelerators that were measured.</summary>
static class AlgorithmsTable
{
    static readonly string Legend =
        $"Median time of one launch, of {AcceleratorBenchmark.LaunchesPerWait} that are waited for together; operands and results stay on "
        + "the accelerator. In brackets, how many times as fast the project's own is.";

    /// <summary>The table.</summary>
    /// <param name="machines">The results of each machine.</param>
    public static string ToMarkdown(IEnumerable<OperationResults> machines)
    {
        var text = new StringBuilder();
        text.Append(Legend).Append("\n\n");
        Markdown.AppendLine(text, ["own way; by ILGPU.Algorithms", "shape", "accelerator", "own", "ILGPU.Algorithms"]);
        Markdown.AppendLine(text, ["---", "---", "---", "---:", "---:"]);
        foreach ((OperationResults machine, Row own) in
            from machine in machines
            from row in machine.Rows
            where row.Method == nameof(AcceleratorBenchmark.Resident) && machine.IsOfAlgorithms(row)
            select (machine, row))
        {
            Row? library = machine.Find(own.Operation, own.Shape, own.Accelerator, nameof(AlgorithmsBenchmark.Algorithms));
            string ratio = library?.MedianNanoseconds / own.MedianNanoseconds is { } times ? $" ({Markdown.Ratio(times)})" : "";
            Markdown.AppendLine(
                text, [own.Operation, own.Shape, $"`{own.Accelerator}`, {machine.Machine}", own.Time + ratio, library?.Time ?? "–"]);
        }
        return text.ToString();
    }
}
