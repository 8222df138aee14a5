using System.Globalization;
using System.Text;
using Makemore.Gpu.Benchmarks.Products;
using Makemore.Gpu.Benchmarks.Suite;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The README's two small tables: how fast and how right, of what docs/results.md shows in full.</summary>
static class SummaryTable
{
    // One of those that are measured.
    const int ProductSide = 1024;

    /// <summary>
    /// Training of the lectures' networks and of large ones beside TorchSharp and PyTorch, and a matrix product beside OpenBLAS.
    /// </summary>
    public static string Speed()
    {
        var text = new StringBuilder();
        Markdown.AppendLine(text, ["work", "on", "Makemore.Gpu", "beside it", "", "ratio"]);
        Markdown.AppendLine(text, ["---", "---", "---:", "---", "---:", "---:"]);
        foreach (TorchResults results in ResultsFile.Kept<TorchResults>(TorchResults.Kind))
        {
            foreach (Comparison comparison in results.Comparisons.Where(comparison => IsShown(comparison.Work)))
            {
                Speed torch = comparison.Best("");
                AppendSpeed(
                    text, comparison.Work, $"`{comparison.Accelerator}`, {results.Machine}", comparison.Makemore.Median,
                    "TorchSharp's best form", torch.Median, "steps/s");
            }
        }
        foreach (GpuResults results in ResultsFile.Kept<GpuResults>(GpuResults.Kind))
        {
            foreach (WorkResult work in results.Works.Where(work => work.Unit == WorkResult.Steps && IsShown(work.Work)))
            {
                if (work.Best(Work.Makemore)?.Median is { } own && work.Best(Work.PyTorch)?.Median is { } torch)
                {
                    AppendSpeed(text, work.Work, results.Device, own, "PyTorch's best form", torch, "steps/s");
                }
            }
        }
        foreach (ProductResults results in ResultsFile.Kept<ProductResults>(ProductResults.Kind))
        {
            MeasuredProduct product = results.Products.First(product => product is { IsCube: true, N: ProductSide });
            ProductSpeed library = product.Speeds.Single(speed => speed.Multiplier == OpenBlas.LibraryName);
            foreach (ProductSpeed own in product.Speeds.Where(speed => speed.LaunchMicroseconds is not null))
            {
                AppendSpeed(
                    text, $"{product.Form} of {ProductSide} x {ProductSide}", $"`{own.Multiplier}`, {results.Machine}", own.Median,
                    OpenBlas.LibraryName, library.Median, "GFLOP/s");
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

    // The lectures' own sizes, and those that are larger than a core's caches.
    static bool IsShown(string work) => work is "recipe batchnorm" or "recipe deep-batchnorm"
        || work.StartsWith("recipe batchnorm, batch 32", StringComparison.Ordinal)
        || work.StartsWith("recipe deep-batchnorm, batch 32", StringComparison.Ordinal)
        || work.Contains("batch 1024, hidden", StringComparison.Ordinal);

    static void AppendSpeed(StringBuilder text, string work, string machine, double own, string other, double others, string unit) =>
        Markdown.AppendLine(text, [
            work, machine, $"{GpuTable.Number(own)} {unit}", other, $"{GpuTable.Number(others)} {unit}", Markdown.Ratio(own / others),
        ]);

    static string Difference(double value) => value.ToString("0.0E+0", CultureInfo.InvariantCulture);
}
