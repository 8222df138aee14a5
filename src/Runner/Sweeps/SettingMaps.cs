using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>The mean dev loss for pairs of settings.</summary>
static class SettingMaps
{
    const int MostSettings = 3;

    // Of more, such as random settings, most cells would be empty.
    const int MostValues = 30;

    /// <summary>The section of the pictures; none where fewer than two settings vary, or nothing was trained.</summary>
    /// <param name="summary">What came of the sweep.</param>
    public static IEnumerable<Section> Sections(SweepSummary summary)
    {
        SettingAxis[] axes =
        [
            .. summary.VariedSettings.Take(MostSettings).Select(name => SettingAxis.Of(name, summary.Results))
                .Where(axis => axis.Values.Count is > 1 and <= MostValues),
        ];
        ShadeMap[] maps =
        [
            .. axes.Index().SelectMany(row => axes[(row.Index + 1)..].Select(column => Of(row.Item, column, summary.Trained))),
        ];
        if (maps.Length > 0 && summary.Trained.Count > 0)
        {
            yield return new Section("Two settings together")
            {
                Text = "The mean dev loss over all else that varies: the darker, the better.",
                Pictures = maps,
            };
        }
    }

    static ShadeMap Of(SettingAxis rows, SettingAxis columns, IReadOnlyList<NetworkResult> trained)
    {
        var losses = trained.ToLookup(
            result => (SettingAxis.ValueOf(result.Network, rows.Name), SettingAxis.ValueOf(result.Network, columns.Name)),
            result => result.Outcome.DevLoss);
        var values = new double[rows.Values.Count, columns.Values.Count];
        foreach ((int row, string rowValue) in rows.Values.Index())
        {
            foreach ((int column, string columnValue) in columns.Values.Index())
            {
                values[row, column] = losses[(rowValue, columnValue)].Mean();
            }
        }
        double[] means = [.. values.Cast<double>().Where(double.IsFinite)];
        double low = means.Min();
        double high = Math.Min(means.Max(), Fence(means, low));
        return new ShadeMap(
            $"map-{rows.Name}-{columns.Name}", $"Dev loss by {rows.Name} and {columns.Name}", columns.Name, rows.Name, values, low, high)
        {
            Names = columns.Values,
            RowNames = rows.Values,
            Missing = "none was trained to its end",
            Shades = high > low
                ? [new Shade(low, Loss(low)), new Shade((low + high) / 2, Loss((low + high) / 2)), new Shade(high, Highest(high, means))]
                : [new Shade(low, Loss(low))],
        };
    }

    // What is far above the rest would leave the rest without contrast.
    static double Fence(double[] means, double low)
    {
        double quartile = means.UpperQuartile();
        return quartile > low ? quartile + (quartile - low) : double.PositiveInfinity;
    }

    static string Highest(double high, double[] means) => Loss(high) + (means.Max() > high ? " and above" : "");

    static string Loss(double loss) => Format.Loss(loss);
}
