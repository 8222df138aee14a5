using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.History;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Pages;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Removes what can be spared of runs.</summary>
static class RunsPruneCommand
{
    const int Failed = 1;

    static readonly Option<int?> Keep = CommonOptions.Number<int>(
        "--keep", "of the finished runs keep the N newest, and remove the others; all");

    static readonly Option<int?> KeepBest = CommonOptions.Number<int>(
        "--keep-best", "of the finished runs keep the N with the lowest dev losses, and remove the others; all");

    static readonly Option<bool> Unfinished = new("--unfinished") { Description = "also remove runs that have stopped or diverged" };

    static readonly Option<bool> Yes = new("--yes") { Description = "remove it; without, it is shown and nothing is removed" };

    public static Command Create() => new(
        "prune",
        "show what can be spared, and with --yes remove it: the checkpoints of finished runs, from which they could go on, and runs that "
        + "left nothing to go on from; runs that are running, sweeps, and files that others have put there stay")
    {
        RunsCommand.Folder, Keep, KeepBest, Unfinished, Yes,
    };

    public static int Run(ParseResult parsed, Session session)
    {
        var pruning = new Pruning(
            CommonOptions.AtLeast(parsed, Keep, 0), CommonOptions.AtLeast(parsed, KeepBest, 0), parsed.GetValue(Unfinished));
        IReadOnlyList<ListedRun> runs = RunsCommand.Find(parsed, session, out string folder);
        IReadOnlyList<SparedRun> spared = pruning.Plan(runs);
        bool isDone = parsed.GetValue(Yes);
        SparedRun[] removed = isDone ? [.. spared.Where(run => TryRemove(run, session))] : [];
        if (runs.Count > 0)
        {
            Show(isDone ? removed : spared, isDone, session);
        }
        session.Result(new
        {
            Folder = folder,
            IsDone = isDone,
            Bytes = (isDone ? removed : spared).Sum(run => run.Bytes),
            Runs = (isDone ? removed : spared).Select(run => new { run.Run.Path, run.Why, run.IsWhole, run.Bytes, run.Files }),
        });
        return isDone && removed.Length < spared.Count ? Failed : 0;
    }

    static bool TryRemove(SparedRun run, Session session)
    {
        session.Cancellation.ThrowIfCancellationRequested();
        try
        {
            Pruning.Remove(run);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidRequestException)
        {
            session.Note($"note: '{run.Run.Path}' is not removed: {Explanation.ReasonOf(fault)}");
            return false;
        }
    }

    static void Show(IReadOnlyList<SparedRun> spared, bool isDone, Session session)
    {
        if (spared.Count > 0)
        {
            ConsolePage.Write(session, new Grid(
                ["run", "what goes", "why", "files", "size"],
                [
                    .. spared.Select(run => (string[])
                    [
                        ShownText.Short(run.Run.Name), run.IsWhole ? "all" : "checkpoints", run.Why, Format.Count(run.Files.Count),
                        Format.Bytes(run.Bytes),
                    ]),
                ])
            {
                Words = ["what goes", "why"],
                Spare = ["files", "why"],
            });
        }
        string bytes = Format.Bytes(spared.Sum(run => run.Bytes));
        session.Text.WriteLine(
            isDone ? $"removed: {bytes}"
            : spared.Count == 0 ? "nothing can be spared"
            : $"{bytes} can be spared; nothing was removed: {Yes.Name} does it");
    }
}
