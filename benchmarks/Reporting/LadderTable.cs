using System.Globalization;
using System.Text;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The ladders of a matrix product as Markdown tables: a line for each rung.</summary>
static class LadderTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "C = A·B of square matrices: medians of several rounds in which the rungs, the peak and the library took turns. The peak is what "
        + "multiply-adds reach that wait for nothing, on all cores of a processor; the library multiplies on all cores, too.";

    /// <summary>What stands in place of tables that nobody has measured yet.</summary>
    public const string NoResults = "No machine was measured yet: `dotnet run -c Release --project benchmarks -- ladder` does it.\n";

    /// <summary>The tables of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(LadderResults results)
    {
        var text = new StringBuilder();
        foreach (MeasuredLadder ladder in results.Ladders)
        {
            Append(text, results.Machine, ladder);
        }
        return text.ToString();
    }

    static void Append(StringBuilder text, string machine, MeasuredLadder ladder)
    {
        double peak = ladder.PeakGigaflops.Median();
        double? library = ladder.LibraryGigaflops.Count > 0 ? ladder.LibraryGigaflops.Median() : null;
        text.Append(CultureInfo.InvariantCulture, $"The {ladder.Name}'s steps, {ladder.Size} x {ladder.Size} on `{ladder.Accelerator}` ");
        text.Append(CultureInfo.InvariantCulture, $"({ladder.Description}). {machine}, {ladder.OperatingSystem}, {ladder.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"ILGPU {ladder.Ilgpu}, {ladder.Date:yyyy-MM-dd}. ");
        text.Append(CultureInfo.InvariantCulture, $"Peak: {ProductTable.Number(peak)} GFLOP/s");
        text.Append(library is { } speed ? $"; {ladder.Library}: {ProductTable.Number(speed)} GFLOP/s.\n\n" : ".\n\n");
        Markdown.AppendLine(text, ["rung", "GFLOP/s", "of the peak", "of the library", "why"]);
        Markdown.AppendLine(text, ["---", "---:", "---:", "---:", "---"]);
        foreach (MeasuredRung rung in ladder.Rungs)
        {
            Markdown.AppendLine(text, [
                $"{rung.Number} {rung.Name}", ProductTable.Number(rung.Median), Percent(rung.Median / peak),
                library is { } reached ? Percent(rung.Median / reached) : "–", rung.Why,
            ]);
        }
        text.Append('\n');
    }

    static string Percent(double value) => value.ToString(value < 0.1 ? "0.0 %" : "0 %", CultureInfo.InvariantCulture);
}
