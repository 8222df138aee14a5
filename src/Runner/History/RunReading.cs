using System.Buffers.Text;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;
using Makemore.Gpu.Runner.Sweeps;

namespace Makemore.Gpu.Runner.History;

/// <summary>Finds runs and sweeps, and what is known of them. It writes nothing.</summary>
static class RunReading
{
    // The files that make a folder one of a run.
    static readonly string[] Marks = [RunFolder.ConfigurationFile, RunFolder.MetricsFile, RunFolder.ModelFileName];

    static readonly EnumerationOptions OwnFiles = new()
    {
        RecurseSubdirectories = true,
        // What a link leads to stands elsewhere.
        AttributesToSkip = FileAttributes.ReparsePoint,
        IgnoreInaccessible = true,
    };

    /// <summary>The runs and sweeps of a folder; the folder itself where it is one.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="InvalidRequestException">There is no such folder, or it cannot be read.</exception>
    public static IReadOnlyList<ListedRun> Below(string folder)
    {
        if (IsRun(folder) || SweepFolder.HasResults(folder))
        {
            return [Read(folder)];
        }
        try
        {
            return
            [
                .. from path in Directory.EnumerateDirectories(folder)
                   where IsRun(path) || SweepFolder.HasResults(path)
                   orderby path
                   select Read(path),
            ];
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            string reason = Directory.Exists(folder) ? Explanation.ReasonOf(fault) : "there is no such folder";
            throw new InvalidRequestException($"the runs below '{folder}' cannot be listed: {reason}: name a folder of runs", fault);
        }
    }

    /// <summary>What is known of a run or a sweep.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="isHeld">Whether a process is known to write to it, or none; null to look.</param>
    public static ListedRun Read(string folder, bool? isHeld = null)
    {
        FileInfo[] files = [.. new DirectoryInfo(folder).EnumerateFiles("*", OwnFiles)];
        DateTime changed = files.Length > 0 ? files.Max(file => file.LastWriteTimeUtc) : Directory.GetLastWriteTimeUtc(folder);
        var listed = new ListedRun(folder, RunState.Damaged, files.Sum(file => file.Length), new DateTimeOffset(changed));
        try
        {
            bool isRunning = isHeld ?? FolderLock.IsHeld(folder);
            return SweepFolder.HasResults(folder) ? OfSweep(listed, isRunning) : OfRun(listed, isRunning);
        }
        catch (InvalidRequestException fault)
        {
            return listed with { Fault = fault.Message };
        }
    }

    static bool IsRun(string folder) => Marks.Count(mark => File.Exists(Path.Combine(folder, mark))) > 1
        || (File.Exists(Path.Combine(folder, RunFolder.ConfigurationFile)) && RunFolder.CheckpointsOf(folder).Files.Count > 0);

    static ListedRun OfRun(ListedRun listed, bool isRunning)
    {
        var settings = StoredSettings.Read(listed.Path);
        // While it runs, one that went on is no longer what it was.
        RunResult? result = isRunning ? null : RunResult.Read(listed.Path);
        (int? lastStep, double? lastDev) = result?.Losses is null ? LastOf(listed.Path) : default;
        int done = result?.Steps ?? Math.Max(lastStep + 1 ?? 0, RunFolder.CheckpointsOf(listed.Path).NewestStep ?? 0);
        bool hasModel = File.Exists(Path.Combine(listed.Path, RunFolder.ModelFileName));
        return listed with
        {
            State = isRunning ? RunState.Running : result?.End switch
            {
                RunEnd.Diverged => RunState.Diverged,
                RunEnd.Interrupted => RunState.Stopped,
                RunEnd.Finished when hasModel => RunState.Finished,
                _ => hasModel && done >= settings.Configuration.Steps ? RunState.Finished : RunState.Stopped,
            },
            Recipe = settings.Configuration.Recipe.Name,
            Data = settings.Data,
            Accelerator = settings.Text("accelerator"),
            Strategy = settings.Text("strategy"),
            Done = done,
            Of = settings.Configuration.Steps,
            Losses = result?.Losses,
            LastDev = lastDev,
            StepsPerSecond = result?.StepsPerSecond is > 0 and var speed ? speed : null,
            Seconds = result?.Seconds,
            ChangedAt = result?.FinishedAt ?? listed.ChangedAt,
        };
    }

    static ListedRun OfSweep(ListedRun listed, bool isRunning)
    {
        SweepSettings settings = SweepFolder.ReadSettings(listed.Path);
        using var store = SweepStore.Read(SweepFolder.ResultsOf(listed.Path));
        IReadOnlyList<NetworkResult> results = store.Results();
        int networks = settings.Numbers.Count();
        NetworkOutcome? best = SweepComparison.Of(results).Best?.Outcome;
        return listed with
        {
            IsSweep = true,
            State = isRunning ? RunState.Running : results.Count == networks ? RunState.Finished : RunState.Stopped,
            Data = Path.GetFileName(settings.Names.Source),
            Accelerator = settings.Machine.Accelerator,
            Strategy = settings.Machine.Strategy,
            Done = results.Count,
            Of = networks,
            Losses = best?.Losses,
        };
    }

    // The last numbers that were written down; of a program that was killed, the end of the last line may be missing.
    static (int? Step, double? Dev) LastOf(string folder)
    {
        string metrics = Path.Combine(folder, RunFolder.MetricsFile);
        try
        {
            // There are 20 MB of a long run, which take no time beside those of a model.
            ReadOnlySpan<byte> lines = File.Exists(metrics) ? File.ReadAllBytes(metrics) : [];
            lines = lines[..(lines.LastIndexOf((byte)'\n') + 1)];
            return ((int?)LastNumber(lines, "\"step\":"u8), LastNumber(lines, "\"dev_loss\":"u8));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return (null, null);
        }
    }

    static double? LastNumber(ReadOnlySpan<byte> lines, ReadOnlySpan<byte> name) =>
        lines.LastIndexOf(name) is >= 0 and var at && Utf8Parser.TryParse(lines[(at + name.Length)..], out double number, out _)
            ? number
            : null;
}
