using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.History;

/// <summary>What of a run can be spared.</summary>
/// <param name="Run">The run.</param>
/// <param name="Why">Why it can be spared.</param>
/// <param name="IsWhole">Whether all of it goes, or its checkpoints alone.</param>
/// <param name="Files">The files that go.</param>
/// <param name="Bytes">What they take.</param>
sealed record SparedRun(ListedRun Run, string Why, bool IsWhole, IReadOnlyList<string> Files, long Bytes);

/// <summary>
/// Finds what can be spared of runs, and removes it. A run that is running, one that is damaged, a sweep, and what lies behind a link is
/// left alone, as is every file that the program does not know.
/// </summary>
/// <param name="keep">How many of the finished runs stay, the newest; null for all.</param>
/// <param name="keepBest">How many of the finished runs stay, those with the lowest dev losses; null for all.</param>
/// <param name="unfinished">Whether runs that have stopped or diverged can be spared.</param>
sealed class Pruning(int? keep, int? keepBest, bool unfinished)
{
    /// <summary>What of some runs can be spared.</summary>
    /// <param name="runs">The runs.</param>
    public IReadOnlyList<SparedRun> Plan(IReadOnlyList<ListedRun> runs)
    {
        HashSet<ListedRun> kept = Kept([.. runs.Where(run => run is { State: RunState.Finished, IsSweep: false })]);
        return [.. runs.Select(run => Spared(run, kept.Contains(run))).OfType<SparedRun>().Where(spared => spared.Files.Count > 0)];
    }

    /// <summary>Removes what can be spared of a run, unless another process has come to it since.</summary>
    /// <param name="spared">What can be spared.</param>
    /// <exception cref="InvalidRequestException">The run is no longer as it was when it was looked at: nothing is removed.</exception>
    /// <exception cref="IOException">A file cannot be deleted.</exception>
    public static void Remove(SparedRun spared)
    {
        ListedRun run = spared.Run;
        using (FolderLock.Take(run.Path))
        {
            ListedRun now = RunReading.Read(run.Path, isHeld: false);
            if ((now.State, now.Done, now.SizeBytes) != (run.State, run.Done, run.SizeBytes))
            {
                throw new InvalidRequestException($"'{run.Path}' has changed meanwhile: it is left alone");
            }
            OwnFiles.Delete(spared.Files);
        }
        if (spared.IsWhole)
        {
            OwnFiles.DeleteEmpty(run.Path);
        }
    }

    // Of a run whose dev loss is not known, it is not known either that others are better.
    HashSet<ListedRun> Kept(IReadOnlyList<ListedRun> finished)
    {
        IEnumerable<ListedRun> newest = finished.OrderByDescending(run => run.ChangedAt).Take(keep ?? 0);
        IEnumerable<ListedRun> best = keepBest is null
            ? []
            : finished.Where(run => run.Loss("dev") is null).Concat(finished.Where(run => run.Loss("dev") is not null)
                .OrderBy(run => double.IsNaN(run.Loss("dev")!.Value)).ThenBy(run => run.Loss("dev")).Take(keepBest.Value));
        return keep is null && keepBest is null ? [.. finished] : [.. newest, .. best];
    }

    SparedRun? Spared(ListedRun run, bool isKept)
    {
        if (run.IsSweep || !OwnFiles.IsFolder(run.Path))
        {
            return null;
        }
        return run.State switch
        {
            RunState.Finished when !isKept => Whole(run, "others are newer or better"),
            RunState.Finished when IsReadable(run) => Of(run, "it has finished", isWhole: false, OwnFiles.Checkpoints(run.Path)),
            RunState.Stopped or RunState.Diverged when unfinished => Whole(run, $"it has {Format.Word(run.State)}"),
            RunState.Stopped or RunState.Diverged when IsAtStart(run) => Whole(run, "it has left nothing to go on from"),
            _ => null,
        };
    }

    static SparedRun Whole(ListedRun run, string why) => Of(run, why, isWhole: true, OwnFiles.All(run.Path));

    static SparedRun Of(ListedRun run, string why, bool isWhole, IReadOnlyList<string> files) =>
        new(run, why, isWhole, files, files.Sum(file => new FileInfo(file).Length));

    // Its checkpoints are all that there is of a model that cannot be read.
    static bool IsReadable(ListedRun run)
    {
        try
        {
            return ModelFile.Read(Path.Combine(run.Path, RunFolder.ModelFileName)).IsFinite;
        }
        catch (InvalidRequestException)
        {
            return false;
        }
    }

    static bool IsAtStart(ListedRun run) => (RunFolder.CheckpointsOf(run.Path).NewestStep ?? 0) == 0
        && !File.Exists(Path.Combine(run.Path, RunFolder.ModelFileName)) && !File.Exists(Path.Combine(run.Path, RunFolder.BestFile));
}
