using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Results of the comparison with TorchSharp as a Markdown table: a line for each workload.</summary>
static class TorchTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "Steps of training a second: medians of several rounds in which the programs took turns. TorchSharp trained on the processor, with "
        + "autograd and with the lecture's backward pass written out, each on one core and on all; the best of these counts. The ratio is how "
        + "many times as fast Makemore.Gpu is.";

    /// <summary>The table of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(TorchResults results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{results.Machine}, {results.OperatingSystem}, {results.Runtime}, ILGPU {results.Ilgpu}, ")
            .Append(CultureInfo.InvariantCulture, $"TorchSharp {results.TorchSharp} with libtorch {results.Libtorch}, {results.Date:yyyy-MM-dd}.\n\n");
        Markdown.AppendLine(text, ["work", "accelerator", "Makemore.Gpu, steps/s", "TorchSharp, steps/s", "its best variant", "ratio"]);
        Markdown.AppendLine(text, ["---", "---", "---:", "---:", "---", "---:"]);
        foreach (Comparison comparison in results.Comparisons)
        {
            Markdown.AppendLine(text, [
                comparison.Work, $"`{comparison.Accelerator}`",
                StepsPerSecond(comparison.Makemore), StepsPerSecond(comparison.Torch), comparison.Torch.Variant,
                Markdown.Ratio(comparison.Ratio),
            ]);
        }
        return text.ToString();
    }

    static string StepsPerSecond(Speed speed) => speed.Median.ToString("N0", CultureInfo.InvariantCulture);
}
