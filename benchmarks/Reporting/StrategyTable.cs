using System.Globalization;
using System.Text;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The forms of training over sizes of networks as Markdown tables.</summary>
static class StrategyTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "Steps/s, medians of several rounds in which all forms took turns, each by a fixed number of threads. Bold is what "
        + "`--strategy auto --threads auto` begins with; the last column is its share of the fastest. Where one thread turns out "
        + "faster than several, as on cores that something else shares, `auto` goes on with that.";

    /// <summary>What stands in place of tables that nobody has measured yet.</summary>
    public const string NoResults =
        "No machine was measured yet: `dotnet run -c Release --project benchmarks -- strategies` does it.\n";

    /// <summary>The tables of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(StrategyResults results)
    {
        var text = new StringBuilder();
        foreach (MeasuredAccelerator accelerator in results.Accelerators)
        {
            text.Append(text.Length > 0 ? "\n" : "");
            text.Append(CultureInfo.InvariantCulture, $"{results.Machine}, `{accelerator.Name}` ({accelerator.Description}), ");
            text.Append(CultureInfo.InvariantCulture, $"{accelerator.OperatingSystem}, {accelerator.Runtime}, ILGPU {accelerator.Ilgpu}, ");
            text.Append(CultureInfo.InvariantCulture, $"{accelerator.Date:yyyy-MM-dd}.\n\n");
            Append(text, accelerator.Networks);
        }
        return text.ToString();
    }

    static void Append(StringBuilder text, IReadOnlyList<MeasuredNetwork> networks)
    {
        string[] strategies = [.. networks.SelectMany(network => network.Speeds).Select(speed => speed.Strategy).Distinct()];
        Markdown.AppendLine(text, ["network", .. strategies, "of the fastest"]);
        Markdown.AppendLine(text, ["---", .. strategies.Select(_ => "---:"), "---:"]);
        foreach (MeasuredNetwork network in networks)
        {
            double share = network.Automatic.Median / network.Speeds.Max(speed => speed.Median);
            Markdown.AppendLine(text, [
                network.Name,
                .. strategies.Select(strategy => Cell(network, strategy)),
                share.ToString("0.00", CultureInfo.InvariantCulture),
            ]);
        }
    }

    static string Cell(MeasuredNetwork network, string strategy)
    {
        StrategySpeed? speed = network.Speeds.FirstOrDefault(speed => speed.Strategy == strategy);
        return speed is null ? "–"
            : speed == network.Automatic ? $"**{ProductTable.Number(speed.Median)}**"
            : ProductTable.Number(speed.Median);
    }
}
