using System.Globalization;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>A setting as an axis of a picture: of numbers, or of words by their names.</summary>
/// <param name="Name">The setting.</param>
/// <param name="Values">Its values, rising where they are numbers, else in the order of the sweep.</param>
/// <param name="IsNumeric">Whether all values are numbers.</param>
sealed record SettingAxis(string Name, IReadOnlyList<string> Values, bool IsNumeric)
{
    // Numbers over a wider range crowd at the lower end of a linear axis.
    const double WideRange = 30;

    // Of the factor between neighbors, in values that were rounded.
    const double Uneven = 0.02;

    // Points of one position stand in so many columns, each so far from the next one, as a part of the axis.
    const int Columns = 7;
    const double ColumnDistance = 0.005;

    /// <summary>Whether the axis is logarithmic: the numbers span a wide range, or each is as many times the one before.</summary>
    public bool IsLogarithmic { get; } = IsNumeric && Spans([.. Values.Select(Number)]);

    /// <summary>A setting of some networks.</summary>
    /// <param name="name">The setting.</param>
    /// <param name="results">The networks.</param>
    public static SettingAxis Of(string name, IReadOnlyList<NetworkResult> results)
    {
        string[] values = [.. results.OrderBy(result => result.Network.Number).Select(result => ValueOf(result.Network, name)).Distinct()];
        bool isNumeric = values.All(value => double.IsFinite(Number(value)));
        return new SettingAxis(name, isNumeric ? [.. values.OrderBy(Number)] : values, isNumeric);
    }

    /// <summary>The value of a setting; nothing where the network does not have it.</summary>
    /// <param name="network">The network.</param>
    /// <param name="name">The setting.</param>
    public static string ValueOf(SweptNetwork network, string name) =>
        network.Settings.FirstOrDefault(setting => setting.Name == name)?.Value ?? "";

    /// <summary>Where a network is along the axis.</summary>
    /// <param name="result">The network.</param>
    public double PositionOf(NetworkResult result)
    {
        string value = ValueOf(result.Network, Name);
        return IsNumeric ? Number(value) : Values.Index().First(other => other.Item == value).Index;
    }

    /// <summary>A position beside another one, for one of many points there.</summary>
    /// <param name="position">The other one.</param>
    /// <param name="index">Which point.</param>
    public double Beside(double position, int index)
    {
        double part = ColumnDistance * ((index % Columns) - (Columns / 2));
        if (!IsNumeric)
        {
            return position + (part * Values.Count);
        }
        (double low, double high) = (Number(Values[0]), Number(Values[^1]));
        return IsLogarithmic ? position * Math.Pow(high / low, part) : position + (part * (high - low));
    }

    static double Number(string value) =>
        double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) ? number : double.NaN;

    static bool Spans(double[] rising)
    {
        if (rising.Length < 2 || rising[0] <= 0)
        {
            return false;
        }
        double[] factors = [.. rising.Zip(rising.Skip(1), (value, next) => next / value)];
        return rising[^1] > WideRange * rising[0] || (factors.Length > 1 && factors.Max() < (1 + Uneven) * factors.Min());
    }
}
