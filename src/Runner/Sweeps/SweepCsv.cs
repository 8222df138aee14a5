using System.Globalization;
using System.Text;
using CsvHelper;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The results of a sweep as a table for other programs.</summary>
static class SweepCsv
{
    /// <summary>Writes a file: a row for each network, with all digits of its losses.</summary>
    /// <param name="path">The file.</param>
    /// <param name="results">The networks.</param>
    /// <exception cref="InvalidRequestException">It cannot be written.</exception>
    public static void Write(string path, IReadOnlyList<NetworkResult> results)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture);
        using (var csv = new CsvWriter(text, CultureInfo.InvariantCulture))
        {
            string[] settings =
            [
                .. results.SelectMany(result => result.Network.Settings).Select(setting => setting.Name).Distinct()
                    .Where(name => name != Setting.Seed),
            ];
            // Steps may be a setting, too, and a network that diverged has not done them all.
            WriteRow(csv, ["number", .. settings, Setting.Seed, "state", "steps_done", "train_loss", "dev_loss", "test_loss", "seconds"]);
            foreach ((SweptNetwork network, Model.Sweeps.NetworkOutcome outcome) in results)
            {
                WriteRow(
                    csv,
                    [
                        network.Number, .. settings.Select(name => SettingAxis.ValueOf(network, name)), network.Configuration.Seed,
                        Format.Word(outcome.End), outcome.Steps,
                        .. KnownNames.Splits.Select(split =>
                            outcome.Losses?.TryGetValue(split, out double loss) == true ? (object?)loss : null),
                        outcome.Seconds,
                    ]);
            }
        }
        string folder = Path.GetDirectoryName(path) is { Length: > 0 } above ? above : ".";
        OutputFile.Write(folder, Path.GetFileName(path), Encoding.UTF8.GetBytes(text.ToString()));
    }

    static void WriteRow(CsvWriter csv, IEnumerable<object?> values)
    {
        foreach (object? value in values)
        {
            csv.WriteField(value);
        }
        csv.NextRecord();
    }
}
