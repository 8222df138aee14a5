using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>What the tables have in common.</summary>
static class Markdown
{
    /// <summary>Appends a line of a table.</summary>
    /// <param name="text">The table.</param>
    /// <param name="cells">The cells.</param>
    public static void AppendLine(StringBuilder text, IEnumerable<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells).Append(" |\n");

    /// <summary>How many times as fast: 0.45×, 3.2×, 23×.</summary>
    /// <param name="ratio">The ratio.</param>
    public static string Ratio(double ratio) =>
        ratio.ToString(ratio >= 10 ? "0" : ratio >= 1 ? "0.0" : "G2", CultureInfo.InvariantCulture) + "×";
}
