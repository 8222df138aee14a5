using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Results of the comparison with TorchSharp as a Markdown table: a line for each workload.</summary>
static class TorchTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "Steps of training a second: medians of several rounds in which the programs took turns. TorchSharp trained on the processor, with "
        + "autograd and with a backward pass written out and tuned for torch, each on one core and on all; the better number of cores "
        + "counts. Of many networks, the steps of all together: TorchSharp trained as many at once as there are cores, each in a process "
        + "of one thread. In brackets, how many times as fast Makemore.Gpu is.";

    /// <summary>The table of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(TorchResults results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{results.Machine}, {results.OperatingSystem}, {results.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"ILGPU {results.Ilgpu}, TorchSharp {results.TorchSharp} ");
        text.Append(CultureInfo.InvariantCulture, $"with libtorch {results.Libtorch}, {results.Date:yyyy-MM-dd}.\n\n");
        Markdown.AppendLine(text, ["work", "accelerator", "Makemore.Gpu", "TorchSharp, autograd", "TorchSharp, by hand"]);
        Markdown.AppendLine(text, ["---", "---", "---:", "---:", "---:"]);
        foreach (Comparison comparison in results.Comparisons)
        {
            Markdown.AppendLine(text, [
                comparison.Work, $"`{comparison.Accelerator}`",
                StepsPerSecond(comparison.Makemore), Cell(comparison, "autograd"), Cell(comparison, "manual"),
            ]);
        }
        return text.ToString();
    }

    static string Cell(Comparison comparison, string backward)
    {
        Speed torch = comparison.Best(backward);
        return $"{StepsPerSecond(torch)} ({Markdown.Ratio(comparison.Makemore.Median / torch.Median)})";
    }

    static string StepsPerSecond(Speed speed) => speed.Median.ToString("N0", CultureInfo.InvariantCulture);
}
