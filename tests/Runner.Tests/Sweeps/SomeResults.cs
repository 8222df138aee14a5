using System.Globalization;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Sweeps;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>Networks of sweeps that nobody trained.</summary>
static class SomeResults
{
    public const double UniformLoss = 3.2958;

    /// <summary>A network that was trained to its end.</summary>
    /// <param name="number">Its number.</param>
    /// <param name="dev">Its dev loss.</param>
    /// <param name="settings">Its settings, such as hidden=100.</param>
    public static NetworkResult Trained(int number, double dev, params string[] settings) => new(
        Network(number, settings),
        new NetworkOutcome(
            NetworkEnd.Trained, 1000, new Dictionary<string, double> { ["train"] = dev - 0.05, ["dev"] = dev, ["test"] = dev + 0.01 },
            Curve(dev, 1000), 1.5 + number));

    public static NetworkResult Dropped(int number, double dev, int steps, params string[] settings) => new(
        Network(number, settings),
        new NetworkOutcome(NetworkEnd.Dropped, steps, new Dictionary<string, double> { ["dev"] = dev }, Curve(dev, steps), 0.25));

    public static NetworkResult Diverged(int number, int step, params string[] settings) => new(
        Network(number, settings),
        new NetworkOutcome(
            NetworkEnd.Diverged, step, null, [.. Curve(30, step), new LossPoint(step + 1, double.NaN)], 0.125));

    public static SweptNetwork Network(int number, params string[] settings)
    {
        Setting[] all = [.. settings.Select(setting => setting.Split('=', 2)).Select(pair => new Setting(pair[0], pair[1]))];
        ulong seed = all.FirstOrDefault(setting => setting.Name == Setting.Seed) is { } given
            ? ulong.Parse(given.Value, CultureInfo.InvariantCulture)
            : 42;
        return new SweptNetwork(number, all, Configuration.Resolve(Recipe.Default, 1000, steps: 1000, seed: seed));
    }

    /// <summary>Everything of a result, each double by its bits.</summary>
    public static string Exactly(NetworkResult result)
    {
        (SweptNetwork network, NetworkOutcome outcome) = (result.Network, result.Outcome);
        string losses = outcome.Losses is { } all ? string.Join(" ", all.Select(loss => $"{loss.Key}:{Bits(loss.Value)}")) : "none";
        return $"""
            {network.Number} {string.Join(" ", network.Settings)}
            {network.Configuration.ToJson()}
            {outcome.End} {outcome.Steps} {losses} {Bits(outcome.Seconds)}
            {string.Join(" ", outcome.Curve.Select(point => $"{point.Step}:{Bits(point.Loss)}"))}
            """;
    }

    static LossPoint[] Curve(double last, int steps) =>
    [
        .. Enumerable.Range(1, Math.Min(20, steps))
            .Select(i => new LossPoint(i * steps / Math.Min(20, steps), last + ((3.3 - last) * Math.Exp(-i / 5.0)))),
    ];

    static string Bits(double value) => BitConverter.DoubleToUInt64Bits(value).ToString("x", CultureInfo.InvariantCulture);
}
