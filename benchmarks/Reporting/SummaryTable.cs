using System.Globalization;
using System.Text;
using Makemore.Gpu.Benchmarks.Suite;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The README's two small tables: how fast and how right, of what docs/results.md shows in full.</summary>
static class SummaryTable
{
    /// <summary>Training of the lectures' networks beside TorchSharp and PyTorch.</summary>
    public static string Speed()
    {
        var text = new StringBuilder();
        Markdown.AppendLine(text, ["training", "on", "Makemore.Gpu, steps/s", "beside it", "steps/s", "ratio"]);
        Markdown.AppendLine(text, ["---", "---", "---:", "---", "---:", "---:"]);
        foreach (TorchResults results in ResultsFile.Kept<TorchResults>(TorchResults.Kind))
        {
            foreach (Comparison comparison in results.Comparisons.Where(comparison => IsLectures(comparison.Work)))
            {
                Speed torch = comparison.Best("");
                AppendSpeed(
                    text, comparison.Work, $"`{comparison.Accelerator}`, {results.Machine}", comparison.Makemore.Median,
                    "TorchSharp's best form", torch.Median);
            }
        }
        foreach (GpuResults results in ResultsFile.Kept<GpuResults>(GpuResults.Kind))
        {
            foreach (WorkResult work in results.Works.Where(work => work.Unit == WorkResult.Steps && IsLectures(work.Work)))
            {
                if (work.Best(Work.Makemore)?.Median is { } own && work.Best(Work.PyTorch)?.Median is { } torch)
                {
                    AppendSpeed(text, work.Work, results.Device, own, "PyTorch's best form", torch);
                }
            }
        }
        return text.ToString();
    }

    /// <summary>How close accelerators are to libtorch.</summary>
    /// <param name="all">The results of all machines.</param>
    public static string Correctness(IEnumerable<CorrectnessResults> all)
    {
        var text = new StringBuilder();
        Markdown.AppendLine(
            text, ["accelerator", "tensors of a batch that agree", "losses compared", "largest difference, layered", "fused"]);
        Markdown.AppendLine(text, ["---", "---:", "---:", "---:", "---:"]);
        foreach (CorrectnessResults results in all)
        {
            foreach (Agreement row in results.Accelerators)
            {
                Markdown.AppendLine(text, [
                    $"`{row.Accelerator}`, {results.Machine}", $"{row.Agreeing} of {row.Tensors}",
                    row.Steps.ToString("N0", CultureInfo.InvariantCulture),
                    Difference(row.Layered), Difference(row.Fused),
                ]);
            }
        }
        return text.ToString();
    }

    // The lectures' own sizes.
    static bool IsLectures(string work) => work is "recipe batchnorm" or "recipe deep-batchnorm"
        || work.StartsWith("recipe batchnorm, batch 32", StringComparison.Ordinal)
        || work.StartsWith("recipe deep-batchnorm, batch 32", StringComparison.Ordinal);

    static void AppendSpeed(StringBuilder text, string work, string machine, double own, string other, double torch) =>
        Markdown.AppendLine(text, [work, machine, GpuTable.Number(own), other, GpuTable.Number(torch), Markdown.Ratio(own / torch)]);

    static string Difference(double value) => value.ToString("0.0E+0", CultureInfo.InvariantCulture);
}
