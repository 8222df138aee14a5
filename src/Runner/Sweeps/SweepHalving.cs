using Makemore.Gpu.Model.Sweeps;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// Successive halving of a sweep: settings are compared by their mean dev loss over seeds. Where a sweep goes on, all that was decided is
/// decided again, by the dev losses that are written down.
/// </summary>
/// <param name="plan">The sweep.</param>
/// <param name="store">Its results.</param>
sealed class SweepHalving(SweepPlan plan, SweepStore store)
{
    /// <summary>Trains what is missing.</summary>
    /// <param name="results">The networks that have ended, which grow meanwhile.</param>
    /// <param name="train">Trains networks up to a step, and writes down their dev losses there; or to their end.</param>
    /// <param name="drop">Writes down that a network was left behind, and its dev loss.</param>
    public void Run(
        IReadOnlyDictionary<int, NetworkResult> results, Action<IReadOnlyList<int>, int?> train, Action<int, double> drop)
    {
        IReadOnlyList<int[]> settings = Settings();
        int steps = plan.Network(0).Configuration.Steps;
        foreach (int rung in SuccessiveHalving.Rungs(settings.Count, steps))
        {
            Dictionary<int, double> reached = LossesAt(rung);
            train([.. Unended().Where(number => !reached.ContainsKey(number))], rung);
            reached = LossesAt(rung);
            IReadOnlyList<int[]> better = SuccessiveHalving.BetterHalf(settings, numbers => MeanLoss(numbers, reached));
            foreach (int number in settings.Except(better).SelectMany(numbers => numbers).Where(number => !results.ContainsKey(number)))
            {
                drop(number, reached[number]);
            }
            settings = better;
        }
        train([.. Unended()], null);

        IEnumerable<int> Unended() => settings.SelectMany(numbers => numbers).Where(number => !results.ContainsKey(number));
    }

    // The networks of each setting, from all seeds.
    IReadOnlyList<int[]> Settings() =>
    [
        .. Enumerable.Range(0, plan.Grid.Count)
            .GroupBy(number => string.Join('\n', plan.Grid[number].Where(setting => setting.Name != Setting.Seed)))
            .Select(alike => alike.ToArray()),
    ];

    // A setting that diverged from one seed is no good one.
    static double MeanLoss(int[] numbers, Dictionary<int, double> losses) =>
        numbers.Average(number => losses.GetValueOrDefault(number, double.PositiveInfinity));

    Dictionary<int, double> LossesAt(int rung) => store.Rungs()
        .SelectMany(network => network.Where(reached => reached.Steps == rung).Select(reached => (network.Key, reached.DevLoss)))
        .ToDictionary(pair => pair.Key, pair => pair.DevLoss);
}
