using System.Globalization;
using System.Text;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The training of many networks at once as Markdown tables: a line for each recipe on each accelerator.</summary>
static class NetworksTable
{
    /// <summary>What the columns are, once for all tables.</summary>
    public const string Legend =
        "Steps of training a second, of all networks together: medians of several rounds in which all numbers of networks took turns. In "
        + "brackets, how many times as fast that is as one network by itself, by the strategy that `auto` takes.";

    /// <summary>What stands in place of tables that nobody has measured yet.</summary>
    public const string NoResults =
        "No machine was measured yet: `dotnet run -c Release --project benchmarks -- networks` does it.\n";

    /// <summary>The tables of a machine.</summary>
    /// <param name="results">Its results.</param>
    public static string ToMarkdown(NetworksResults results) => string.Join('\n', results.Measured
        .GroupBy(measured => (measured.OperatingSystem, measured.Runtime, measured.Ilgpu, measured.Date))
        .Select(group => Table(results.Machine, group.Key, [.. group])));

    static string Table(
        string machine, (string OperatingSystem, string Runtime, string Ilgpu, DateOnly Date) with, IReadOnlyList<MeasuredNetworks> rows)
    {
        int[] counts = [.. rows.SelectMany(row => row.AtOnce).Select(speed => speed.Networks).Distinct().Order()];
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{machine}, {with.OperatingSystem}, {with.Runtime}, ");
        text.Append(CultureInfo.InvariantCulture, $"ILGPU {with.Ilgpu}, {with.Date:yyyy-MM-dd}.\n\n");
        Markdown.AppendLine(text, ["recipe", "accelerator", "one by itself", .. counts.Select(count => $"{count} at once")]);
        Markdown.AppendLine(text, ["---", "---", "---:", .. counts.Select(_ => "---:")]);
        foreach (MeasuredNetworks row in rows)
        {
            double alone = row.Alone.Median();
            Markdown.AppendLine(text, [
                row.Recipe, $"`{row.Accelerator}`", GpuTable.Number(alone),
                .. counts.Select(count => Cell(row.AtOnce.FirstOrDefault(speed => speed.Networks == count), alone)),
            ]);
        }
        return text.ToString();
    }

    static string Cell(NetworksSpeed? speed, double alone) =>
        speed is null ? "–" : $"{GpuTable.Number(speed.Median)} ({Markdown.Ratio(speed.Median / alone)})";
}
