using System.Globalization;
using Makemore.Gpu.Runner.Sweeps;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>Sweeps that nobody ran.</summary>
static class SomeSweeps
{
    /// <summary>A summary of some results.</summary>
    public static SweepSummary Of(IReadOnlyList<NetworkResult> results, IReadOnlyList<string> varied, int? networks = null) => new(
        varied, results, networks ?? results.Count, SomeResults.UniformLoss, 185, 1_234_567, BestModel: null, "makemore train --seed 1");

    /// <summary>Every combination of some settings. At a learning rate of 30 networks diverge.</summary>
    public static SweepSummary Grid(params (string Name, string[] Values)[] settings)
    {
        IEnumerable<string[]> combinations = settings.Aggregate(
            (IEnumerable<string[]>)[[]],
            (before, setting) => before.SelectMany(all => setting.Values.Select(value => (string[])[.. all, $"{setting.Name}={value}"])));
        return Of([.. combinations.Select((all, number) => Result(number, all))], [.. settings.Select(setting => setting.Name)]);
    }

    /// <summary>Random settings.</summary>
    public static SweepSummary Random(int networks)
    {
        var random = new Random(1);
        NetworkResult[] results =
        [
            .. Enumerable.Range(0, networks).Select(number => Result(
                number,
                [
                    string.Create(CultureInfo.InvariantCulture, $"learning-rate={Math.Pow(10, -3 + (4 * random.NextDouble())):0.######}"),
                    $"embedding={random.Next(2, 80)}",
                ])),
        ];
        return Of(results, ["learning-rate", "embedding"]);
    }

    /// <summary>Random settings, of which successive halving has left most behind.</summary>
    public static SweepSummary Halved()
    {
        SweepSummary all = Random(81);
        return Of(
            [
                .. all.Results.Where(result => result.Outcome.Losses is not null).OrderBy(result => result.Outcome.DevLoss)
                    .Select((result, i) => i < 9 ? result : SomeResults.Dropped(
                        result.Network.Number, result.Outcome.DevLoss + (i < 27 ? 0.1 : 0.2), i < 27 ? 300 : 100,
                        [.. result.Network.Settings.Select(setting => $"{setting.Name}={setting.Value}")])),
            ],
            all.Varied);
    }

    static NetworkResult Result(int number, string[] settings)
    {
        var random = new Random(number);
        double dev = 2.1 + (0.08 * random.NextDouble());
        foreach (string[] setting in settings.Select(setting => setting.Split('=', 2)))
        {
            if (setting[0] == "learning-rate")
            {
                double rate = double.Parse(setting[1], CultureInfo.InvariantCulture);
                if (rate > 8)
                {
                    return SomeResults.Diverged(number, 10 + random.Next(90), settings);
                }
                dev += 0.12 * Math.Pow(Math.Log10(rate / 0.1), 2) * (rate > 3 ? 40 : 1);
            }
            dev += setting[0] == "hidden" ? 5 / double.Parse(setting[1].Split(',')[0], CultureInfo.InvariantCulture) : 0;
        }
        return SomeResults.Trained(number, dev, settings);
    }
}
