using System.Globalization;
using System.Text;
using Makemore.Gpu.Benchmarks.Suite;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>Results of gpu-suite as Markdown: what was checked, and what was measured beside what is required.</summary>
static class GpuTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "Steps of training a second, and TFLOP/s of products: medians of several rounds in which the programs took turns on the same GPU. "
        + "In brackets, how many times as fast Makemore.Gpu is. The products of PyTorch are cuBLAS's. Required is what a GPU of the H200's "
        + "class must reach.";

    /// <summary>What stands in the README where no results of a GPU are kept.</summary>
    public const string NoResults =
        "No GPU has been measured yet. Where there is one: `scripts/bundle` makes an archive that needs no .NET; unpack it on the GPU's "
        + "machine and run `./gpu-suite` there.\n";

    const string None = "–";

    static readonly string[] Headings = ["work", "unit", "Makemore.Gpu", "PyTorch", "compiled", "CUDA graphs", "required", "reached"];

    /// <summary>The checks and the measurements.</summary>
    /// <param name="results">The results.</param>
    public static string ToMarkdown(GpuResults results)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"### {results.Device}\n\n{results.Machine}, ");
        text.Append(results.Driver is { } driver ? $"driver {driver}, " : "");
        text.Append(CultureInfo.InvariantCulture, $"{results.OperatingSystem}, {results.Runtime}, ILGPU {results.Ilgpu}, ");
        text.Append(results.PyTorch is { } torch ? $"PyTorch {torch}" : "no PyTorch");
        text.Append(CultureInfo.InvariantCulture, $", {results.Date:yyyy-MM-dd}.\n\n");
        if (results.Quick)
        {
            text.Append("Small sizes, to try the suite itself: these figures mean nothing.\n\n");
        }
        Markdown.AppendLine(text, ["check", "outcome", "seconds", "what it found"]);
        Markdown.AppendLine(text, ["---", "---", "---:", "---"]);
        foreach (Check check in results.Checks)
        {
            Markdown.AppendLine(
                text, [check.Name, InWords(check.Outcome), check.Seconds.ToString("0", CultureInfo.InvariantCulture), Cell(check.Summary)]);
        }
        if (results.Works.Count > 0)
        {
            text.Append('\n');
            Markdown.AppendLine(text, Headings);
            Markdown.AppendLine(text, Headings.Select((_, column) => column is >= 2 and <= 5 ? "---:" : "---"));
            foreach (WorkResult work in results.Works)
            {
                Markdown.AppendLine(text, Cells(work));
            }
        }
        return text.ToString();
    }

    static IEnumerable<string> Cells(WorkResult work)
    {
        Rates? own = work.Best(Work.Makemore);
        return
        [
            work.Work,
            work.Unit,
            own is null ? None : $"{Number(own.Median!.Value)} ({own.Variant})",
            Compared(own, work.Best(Work.PyTorch, Work.Eager)),
            Compared(own, work.Best(Work.PyTorch, Work.Compiled)),
            Compared(own, work.Best(Work.PyTorch, Work.Graphs)),
            Required(work),
            Reached(work),
        ];
    }

    static string Compared(Rates? own, Rates? torch) => (own, torch) switch
    {
        (_, null) => None,
        (null, _) => Number(torch.Median!.Value),
        _ => $"{Number(torch.Median!.Value)} ({Markdown.Ratio(own.Median!.Value / torch.Median.Value)})",
    };

    static string Required(WorkResult work)
    {
        Requirement required = work.Required;
        string?[] parts =
        [
            required.Rate is { } rate ? Number(rate) : null,
            required.OfEager is { } eager ? work.IsGemm ? $"{Number(100 * eager)} % of cuBLAS" : $"{Number(eager)}× PyTorch" : null,
            required.OfGraphs is { } graphs ? $"{Number(graphs)}× CUDA graphs" : null,
        ];
        string text = string.Join(", ", parts.Where(part => part is not null));
        return text.Length > 0 ? text : None;
    }

    static string Reached(WorkResult work)
    {
        double? own = work.Best(Work.Makemore)?.Median;
        Requirement required = work.Required;
        bool?[] conditions =
        [
            required.Rate is { } rate ? own >= rate : true,
            required.OfEager is { } eager ? IsReached(eager, Work.Eager) : true,
            required.OfGraphs is { } graphs ? IsReached(graphs, Work.Graphs) : true,
        ];
        bool? IsReached(double times, string[] variants) =>
            own is { } rate && work.Best(Work.PyTorch, variants)?.Median is { } torch ? rate >= times * torch : null;
        return (required, own) switch
        {
            ({ Rate: null, OfEager: null, OfGraphs: null }, _) => None,
            (_, null) => "not measured",
            _ when conditions.Contains(false) => "no",
            _ when conditions.Contains(null) => "not compared",
            _ => "yes",
        };
    }

    /// <summary>An outcome for people.</summary>
    /// <param name="outcome">The outcome.</param>
    public static string InWords(Outcome outcome) => outcome switch
    {
        Outcome.Passed => "passed",
        Outcome.Failed => "FAILED",
        Outcome.TimedOut => "TIMED OUT",
        _ => "skipped",
    };

    static string Cell(string text) => text.Replace('|', '/').ReplaceLineEndings(" ");

    /// <summary>A rate to three digits, or to whole numbers where those are more.</summary>
    /// <param name="value">The rate.</param>
    public static string Number(double value) => value.ToString(value >= 100 ? "N0" : "G3", CultureInfo.InvariantCulture);
}
