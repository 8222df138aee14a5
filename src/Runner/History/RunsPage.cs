using System.Globalization;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.History;

/// <summary>Runs and sweeps in a table.</summary>
static class RunsPage
{
    const string Unknown = "–";

    static readonly string[] Splits = ["train", "dev", "test"];

    /// <summary>The table.</summary>
    /// <param name="runs">The runs, in their order.</param>
    /// <param name="now">The time, in the time zone of those who read it.</param>
    public static Grid Grid(IEnumerable<ListedRun> runs, DateTimeOffset now) => new(
        ["run", "recipe", "data", "steps", "state", .. Splits, "steps/s", "size", "when", "took"],
        [.. runs.Select(run => Row(run, now))])
    {
        Words = ["recipe", "data", "state"],
        Spare = ["data", "took", "train", "steps/s", "test", "size", "recipe"],
    };

    /// <summary>What the table cannot say.</summary>
    /// <param name="runs">The runs.</param>
    public static IEnumerable<string> Notes(IReadOnlyList<ListedRun> runs)
    {
        foreach (ListedRun run in runs.Where(run => run.Fault is not null))
        {
            yield return $"damaged: {run.Fault}";
        }
        if (runs.Any(run => run is { Losses: null, LastDev: not null }))
        {
            yield return "dev of a run without the losses of its end: as it was measured last, maybe on a part of the split";
        }
    }

    static string[] Row(ListedRun run, DateTimeOffset now) =>
    [
        ShownText.Short(run.Name),
        run.IsSweep ? "sweep" : ShownText.Short(run.Recipe ?? Unknown),
        ShownText.Short(run.Data ?? Unknown),
        Steps(run),
        Format.Word(run.State),
        .. Splits.Select(split => run.Loss(split) is { } loss ? Format.Loss(loss) : Unknown),
        run.StepsPerSecond is { } speed ? Format.Count((long)speed) : Unknown,
        Format.Bytes(run.SizeBytes),
        When(run.ChangedAt.ToOffset(now.Offset), now),
        run.Seconds is { } seconds ? Format.Duration(seconds) : Unknown,
    ];

    static string Steps(ListedRun run) => (run.Done, run.Of) switch
    {
        ({ } done, { } of) => (done < of ? $"{Format.Count(done)} of " : "")
            + (run.IsSweep ? Format.Counted(of, "network") : Format.Count(done < of ? of : done)),
        _ => Unknown,
    };

    static string When(DateTimeOffset time, DateTimeOffset now) =>
        time.ToString(time.Year == now.Year ? "MM-dd HH:mm" : "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
