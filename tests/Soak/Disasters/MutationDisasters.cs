using System.Diagnostics;
using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Soak.Mutations;

namespace Makemore.Gpu.Soak.Disasters;

/// <summary>Damaged files and calls: most in this process, some by the built program.</summary>
static class MutationDisasters
{
    // Of so many trials one is a call of the built program. A prime number: each kind has its turn.
    const int TrialsOfAProcess = 199;

    const long MostBytes = 1_000_000_000;

    static readonly TimeSpan TotalLimit = TimeSpan.FromMinutes(15);

    // A call that still works, such as a long training, is asked to stop.
    static readonly TimeSpan CallLimit = TimeSpan.FromSeconds(2);

    // What the built program may take in all.
    static readonly TimeSpan ProcessLimit = TimeSpan.FromSeconds(10);

    /// <summary>Runs trials, as many of each kind.</summary>
    /// <param name="count">How many; fewer, where the time is over.</param>
    public static IReadOnlyList<Disaster> Run(int count)
    {
        var material = Material.Make();
        using var folder = new TrialFolder(material, CallLimit);
        string[] kinds = [.. Trial.Kinds];
        var clock = Stopwatch.StartNew();
        int cases = 0, survived = 0, processes = 0, survivingProcesses = 0;
        long peak = 0;
        for (int i = 0; i < count && clock.Elapsed < TotalLimit; i++)
        {
            var trial = Trial.Of(material, kinds[i % kinds.Length], i / kinds.Length);
            bool isProcess = i % TrialsOfAProcess == 0;
            Ending ending = isProcess ? folder.Run(trial, args => Call(args, ref peak)) : folder.Run(trial);
            int isSurvived = ending.Fault is null ? 1 : 0;
            (cases, survived) = isProcess ? (cases, survived) : (cases + 1, survived + isSurvived);
            (processes, survivingProcesses) = isProcess
                ? (processes + 1, survivingProcesses + isSurvived)
                : (processes, survivingProcesses);
            if (ending.Fault is { } fault)
            {
                Log.Write($"{trial}{(isProcess ? ", as a process" : "")}: {fault}\n{ending.Error}");
            }
            if ((i + 1) % 10_000 == 0)
            {
                Log.Write($"{i + 1} trials, {cases - survived + processes - survivingProcesses} lost");
            }
        }
        DateOnly today = ThisMachine.Today;
        string time = $"in {clock.Elapsed.TotalMinutes.ToString("0", CultureInfo.InvariantCulture)} minutes";
        string memory = $"at most {(peak / 1e6).ToString("0", CultureInfo.InvariantCulture)} MB resident";
        return
        [
            new("damaged files and calls, in one process", cases, survived, time, today),
            new("damaged files and calls, each a process", processes, survivingProcesses, memory, today),
        ];
    }

    /// <summary>Runs a trial once more, and shows it.</summary>
    /// <param name="kind">What is damaged.</param>
    /// <param name="seed">The seed.</param>
    public static int Show(string kind, int seed)
    {
        var material = Material.Make();
        var trial = Trial.Of(material, kind, seed);
        using var folder = new TrialFolder(material, CallLimit);
        Ending ending = folder.Run(trial);
        Console.WriteLine($"{trial}\n{ending.Fault ?? "as it should be"}, exit code {ending.ExitCode}\n{ending.Error}");
        string kept = Directory.CreateTempSubdirectory("makemore-trial-").FullName;
        foreach ((string file, byte[] bytes) in material.Files)
        {
            string path = Path.Combine(kept, file);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllBytes(path, trial.Damaged.GetValueOrDefault(file, bytes));
        }
        Console.WriteLine($"its files: {kept}");
        return ending.Fault is null ? 0 : 1;
    }

    static Ending Call(string[] args, ref long peak)
    {
        // No program can be given such an argument.
        using var program = BuiltProgram.Start(args.Select(arg => arg.Replace("\0", "", StringComparison.Ordinal)));
        int? exitCode = program.WaitForEnd(CallLimit);
        if (exitCode is null)
        {
            program.Interrupt();
            exitCode = program.WaitForEnd(ProcessLimit - CallLimit);
        }
        peak = Math.Max(peak, program.PeakBytes);
        string? fault = exitCode is null ? "it hangs"
            : program.PeakBytes > MostBytes ? $"it took {program.PeakBytes} bytes of memory"
            : null;
        return new Ending(exitCode ?? 0, program.Error, fault);
    }
}
