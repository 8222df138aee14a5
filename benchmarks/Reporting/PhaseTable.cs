using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The phases of a fused step as a Markdown table.</summary>
static class PhaseTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "Medians of the time that a phase takes in a step of recipe batchnorm, batch 32. A phase with a matrix product does other work, "
        + "too: its GFLOP/s count the product alone, over the whole time of the phase.";

    /// <summary>The table of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(PhaseResults results)
    {
        var text = new StringBuilder();
        double whole = results.Phases.Sum(phase => phase.Microseconds);
        text.Append(CultureInfo.InvariantCulture, $"{results.Machine}, {results.OperatingSystem}, {results.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"{results.Date:yyyy-MM-dd}. One core's multiply-adds reached ");
        text.Append(CultureInfo.InvariantCulture, $"{results.PeakGigaflops:0} GFLOP/s in the same rounds.\n\n");
        Markdown.AppendLine(text, ["phase", "µs", "of the step", "GFLOP/s of its products", "of the peak"]);
        Markdown.AppendLine(text, ["---", "---:", "---:", "---:", "---:"]);
        foreach (Phase phase in results.Phases.Append(new Phase("whole step", results.Phases.Sum(phase => phase.Operations), whole)))
        {
            double speed = phase.Operations / phase.Microseconds / 1e3;
            Markdown.AppendLine(text, [
                phase.Name, Number(phase.Microseconds, "0.00"), Number(phase.Microseconds / whole, "0 %"),
                speed > 0 ? Number(speed, "0") : "–", speed > 0 ? Number(speed / results.PeakGigaflops, "0 %") : "–",
            ]);
        }
        return text.ToString();
    }

    static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
