using System.CommandLine;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.History;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The runs that are there.</summary>
static class RunsCommand
{
    /// <summary>What runs are ordered by.</summary>
    enum Order
    {
        /// <summary>When they ended, the newest last.</summary>
        Time = 0,

        /// <summary>Their names.</summary>
        Name = 1,

        /// <summary>The dev loss, the lowest first.</summary>
        Dev = 2,

        /// <summary>The steps a second, the fastest first.</summary>
        Speed = 3,

        /// <summary>What they take on the disk, the most first.</summary>
        Size = 4,
    }

    /// <summary>The folder of the runs.</summary>
    public static Argument<string?> Folder { get; } = new("DIR")
    {
        Description = $"the folder of the runs; {OutputFolder.RunsFolder}",
        Arity = ArgumentArity.ZeroOrOne,
    };

    static readonly Option<Order?> Sort = CommonOptions.Choice<Order>(
        "--sort", "the order: time, the newest last; name; the lowest dev loss, the highest speed or the largest size first; time");

    public static Command Create() => new(
        "runs",
        "the runs and sweeps of a folder: recipe, names, steps, state, losses, speed, size and time")
    {
        Folder, Sort,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        IReadOnlyList<ListedRun> runs = Find(parsed, session, out string folder);
        IEnumerable<ListedRun> sorted = parsed.GetValue(Sort) switch
        {
            Order.Name => runs,
            Order.Dev => runs.OrderBy(run => run.Loss("dev") ?? double.PositiveInfinity),
            Order.Speed => runs.OrderByDescending(run => run.StepsPerSecond ?? 0),
            Order.Size => runs.OrderByDescending(run => run.SizeBytes),
            _ => runs.OrderBy(run => run.ChangedAt),
        };
        ListedRun[] shown = [.. sorted];
        if (shown.Length > 0)
        {
            ConsolePage.Write(session, RunsPage.Grid(shown, DateTimeOffset.Now));
            foreach (string note in RunsPage.Notes(shown))
            {
                session.Text.WriteLine(note);
            }
            session.Text.WriteLine(
                $"{Format.Counted(shown.Length, "folder")} in {folder}, {Format.Bytes(shown.Sum(run => run.SizeBytes))}");
        }
        session.Result(new { Folder = folder, SizeBytes = shown.Sum(run => run.SizeBytes), Runs = shown });
        return 0;
    }

    /// <summary>The runs of the folder that is meant.</summary>
    /// <param name="parsed">The call, with <see cref="Folder"/>.</param>
    /// <param name="session">Where to tell that there are none.</param>
    /// <param name="folder">The folder.</param>
    public static IReadOnlyList<ListedRun> Find(ParseResult parsed, Session session, out string folder)
    {
        string? asked = parsed.GetValue(Folder);
        folder = asked ?? OutputFolder.RunsFolder;
        IReadOnlyList<ListedRun> runs = asked is null && !Directory.Exists(folder) ? [] : RunReading.Below(folder);
        if (runs.Count == 0)
        {
            session.Text.WriteLine(ShownText.Line($"there is no run in '{folder}': {ProgramCall.With("train")} makes one"));
        }
        return runs;
    }
}
