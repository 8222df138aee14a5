using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps.Cluster;

/// <summary>
/// A sweep whose parts the tasks of a Slurm job train. Whether a part is complete is told by its own file alone; what is not is submitted
/// again.
/// </summary>
/// <param name="parsed">The call.</param>
/// <param name="session">Where to tell what happens.</param>
/// <param name="path">The folder of the sweep, whose lock the caller holds.</param>
/// <param name="parts">The number of parts.</param>
sealed class SlurmSweep(ParseResult parsed, Session session, string path, int parts)
{
    const string ScriptFile = "job.sh";
    const string JobFile = "job.txt";
    const string LogsFolder = "logs";

    // The first time, and twice more.
    const int MostSubmits = 3;

    static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    string Logs => Path.Combine(path, LogsFolder);

    string Script => Path.Combine(path, ScriptFile);

    string Job => Path.Combine(path, JobFile);

    /// <summary>Begins a new sweep in a folder.</summary>
    /// <param name="plan">The sweep.</param>
    public void Begin(SweepPlan plan)
    {
        Directory.CreateDirectory(Logs);
        File.WriteAllText(Script, JobScript.Of(parsed, parts, path));
        SweepStore.Write(SweepFolder.ResultsOf(path), (plan.Settings with { JoinedParts = parts }).ToJson(), []);
        Submit(Enumerable.Range(1, parts), options: null);
    }

    /// <summary>Waits for the job that was submitted last, submits what it left, and joins the parts.</summary>
    /// <param name="submits">How many jobs were submitted by this call.</param>
    /// <exception cref="InterruptedException">It was interrupted; the message says how to go on.</exception>
    /// <exception cref="InvalidRequestException">Parts are not complete.</exception>
    public void Finish(int submits)
    {
        // The message at the end tells what a person must know.
        using IDisposable finished = session.Finish();
        if (File.Exists(Job))
        {
            Follow(File.ReadAllText(Job).Trim());
        }
        SweepParts found = SweepParts.Read(path);
        for (; found.Incomplete.Count > 0 && submits < MostSubmits; submits++)
        {
            Follow(Submit(found.Incomplete.Select(part => part.Number), parsed.GetValue(SlurmOptions.Sbatch)));
            found = SweepParts.Read(path);
        }
        if (found.Missing is { } missing)
        {
            throw new InvalidRequestException(
                $"the tasks have ended, with {missing:whole}: see {Logs}, and go on by {Again}, or join what is there by "
                + $"{ProgramCall.With("sweep", "merge", "--partial", path)}");
        }
        SweepMerge.Join(parsed, session, found);
    }

    string Submit(IEnumerable<int> numbers, string? options)
    {
        int[] all = [.. numbers];
        string job = Slurm.Submit(Script, all, Logs, options);
        File.WriteAllText(Job, job + "\n");
        session.Tell("job", $"{job}, {Format.Counted(all.Length, "task")}");
        return job;
    }

    void Follow(string job)
    {
        string told = "";
        for (TimeSpan pause = FirstPause; ; pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 3 / 2, LongestPause.Ticks)))
        {
            IReadOnlyList<string>? states = Slurm.StatesOf(job);
            string line = $"{Ended()}   job {job}: {InWords(states)}";
            if (line != told)
            {
                session.Text.WriteLine(told = line);
            }
            if (states is [])
            {
                return;
            }
            if (session.Cancellation.WaitHandle.WaitOne(pause))
            {
                throw new InterruptedException(
                    $"interrupted, and job {job} goes on: to cancel it: scancel {job}; to follow it again and join its parts: "
                    + $"{Again}");
            }
        }
    }

    string Again => ProgramCall.With("sweep", "--slurm", parts.ToString(CultureInfo.InvariantCulture), "--resume", path);

    string Ended() => Format.Counted(
        (int)Enumerable.Range(1, parts).Select(number => SweepFolder.ResultsOf(new SweepPart(number, parts).FolderIn(path)))
            .Where(File.Exists).Sum(file => SweepStore.CountEnded(file) ?? 0),
        "network") + " ended";

    static string InWords(IReadOnlyList<string>? states) => states switch
    {
        null => "Slurm does not answer",
        [] => "ended",
        _ => string.Join(", ", states.CountBy(state => state).OrderBy(pair => pair.Key, StringComparer.Ordinal)
            .Select(pair => $"{Format.Count(pair.Value)} {pair.Key.ToLowerInvariant()}")),
    };
}
