using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What the program has survived, as Markdown.</summary>
static class ReliabilityTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend = "Cases: how many times. Lost: how often something was not as this page says.";

    /// <summary>What stands there where no results are kept.</summary>
    public const string NoResults = "Nothing has been tried yet: run `scripts/soak`.\n";

    /// <summary>The table of one machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(ReliabilityResults results)
    {
        var text = new StringBuilder();
        text.Append(
            CultureInfo.InvariantCulture,
            $"### {results.Machine}\n\n{results.OperatingSystem}, {results.Runtime}, ILGPU {results.Ilgpu}.\n\n");
        Markdown.AppendLine(text, ["what was done", "cases", "survived", "lost", "beside", "on"]);
        Markdown.AppendLine(text, ["---", "---:", "---:", "---:", "---", "---"]);
        foreach (Disaster disaster in results.Disasters)
        {
            Markdown.AppendLine(
                text,
                [
                    disaster.Name, Number(disaster.Cases), Number(disaster.Survived), Number(disaster.Lost), disaster.Remark ?? "–",
                    disaster.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                ]);
        }
        return text.ToString();
    }

    static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);
}
