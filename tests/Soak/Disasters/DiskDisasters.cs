using System.Diagnostics;
using System.Globalization;
using Makemore.Gpu.Benchmarks.Reporting;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Soak.Mutations;

namespace Makemore.Gpu.Soak.Disasters;

/// <summary>
/// Disks that fill up while a run is written, and run folders that turn read-only. What was there stays as it was, every file with weights
/// is whole, and the run goes on where there is space again, to the very model that it would have given.
/// </summary>
static class DiskDisasters
{
    const string Whole = "whole";
    const string Disk = "disk";
    const string Older = "disk/older";
    const string Trained = "disk/run";
    const string Rescued = "rescued";
    const string Nobody = "65534";

    // A file of this file system is made of such pages.
    const int PageBytes = 4096;

    static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    static readonly string[] Training =
    [
        "train", "--accelerator", "cpu", "--hidden", "20", "--steps", "40000", "--checkpoint-every", "1000", "--log-every", "10", "--run",
    ];

    /// <summary>Fills disks, and turns folders read-only.</summary>
    /// <param name="count">How many of each.</param>
    public static IReadOnlyList<Disaster> Run(int count)
    {
        if (Environment.UserName != "root" || !Succeeds("mount", "-V") || !Succeeds("setpriv", "--version"))
        {
            Log.Write("skipped: a small file system and another user take root, mount and setpriv");
            return [];
        }
        using var folder = new SoakFolder();
        var clock = Stopwatch.StartNew();
        if (Fault([.. Training, Whole]) is { } fault)
        {
            throw new InvalidOperationException($"a run without disasters fails: {fault}");
        }
        TimeSpan duration = clock.Elapsed;
        // For the run as another user.
        Succeeds("chmod", "777", folder.Path);
        string expected = FinishedFiles.Read(Whole).Model;
        string? refusal = Mount(1 << 20);
        Unmount();
        if (refusal is not null)
        {
            Log.Write($"skipped: no file system can be mounted here: {refusal}");
            return [];
        }
        DateOnly today = ThisMachine.Today;
        var random = new Random(1);
        int full = Enumerable.Range(0, count).Count(_ => Survives("full disk", expected, () => FillDisk(random)));
        int readOnly = Enumerable.Range(0, count).Count(_ => Survives("read-only folder", expected, () => TurnReadOnly(random, duration)));
        return
        [
            new("a disk that fills up while it trains", count, full, null, today),
            new("a run folder that turns read-only while it trains", count, readOnly, null, today),
        ];
    }

    // The run's call on a disk with little space beside an older run, to its end.
    static string? FillDisk(Random random)
    {
        // From less than a checkpoint to nearly all.
        int needed = BytesOf(Whole);
        string? refusal = Mount(needed + random.Next(2 * PageBytes, needed));
        if (refusal is not null)
        {
            return refusal;
        }
        CopyFolder(Whole, Older);
        using var program = BuiltProgram.Start([.. Training, Trained]);
        return program.WaitForEnd(Limit) is { } exitCode ? Verdict.Of(exitCode, program.Error) : "it hangs";
    }

    // The same by a user whose run folder is taken from him meanwhile.
    static string? TurnReadOnly(Random random, TimeSpan duration)
    {
        Directory.CreateDirectory(Disk);
        Succeeds("chmod", "777", Disk);
        CopyFolder(Whole, Older);
        using var program = BuiltProgram.Start(
            [.. Training, Trained], "setpriv", "--reuid", Nobody, "--regid", Nobody, "--clear-groups", "env", "HOME=/tmp");
        int? exitCode = program.WaitForEnd(random.NextDouble() * duration);
        if (Directory.Exists(Trained))
        {
            Succeeds("chmod", "-R", "a-w", Trained);
        }
        exitCode ??= program.WaitForEnd(Limit);
        Succeeds("chmod", "-R", "u+w", Disk);
        return exitCode is { } code ? Verdict.Of(code, program.Error) : "it hangs";
    }

    // Whether all was as it should be after a disaster.
    static bool Survives(string name, string expected, Func<string?> disaster)
    {
        SoakFolder.Delete(Rescued);
        string? fault;
        try
        {
            fault = disaster() ?? Damage() ?? Resumption(expected);
        }
        finally
        {
            Unmount();
            SoakFolder.Delete(Disk);
        }
        if (fault is not null)
        {
            Log.Write($"{name}: {fault}");
        }
        return fault is null;
    }

    // What is not whole.
    static string? Damage()
    {
        if (FinishedFiles.Read(Older) != FinishedFiles.Read(Whole))
        {
            return "the older run was changed";
        }
        foreach (string file in Directory.EnumerateFiles(Disk, "*.safetensors", SearchOption.AllDirectories))
        {
            try
            {
                ModelFile.Read(file);
            }
            catch (InvalidRequestException fault)
            {
                return fault.Message;
            }
        }
        return null;
    }

    // What goes wrong where the run goes on with enough space. Without settings there is no run yet, and nothing that can be lost.
    static string? Resumption(string expected)
    {
        if (!File.Exists(Path.Combine(Trained, "config.json")))
        {
            return null;
        }
        CopyFolder(Trained, Rescued);
        return Fault("train", "--resume", Rescued)
            ?? (FinishedFiles.Read(Rescued).Model == expected ? null : "another model came of it");
    }

    static string? Fault(params string[] call)
    {
        using var program = BuiltProgram.Start(call);
        return program.WaitForEnd(Limit) == 0 ? null : program.Error;
    }

    // What stands in the way of it.
    static string? Mount(int bytes)
    {
        Directory.CreateDirectory(Disk);
        return Succeeds("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={bytes}"), "makemore", Disk)
            ? null
            : "mount is refused";
    }

    static void Unmount() => Succeeds("umount", Disk);

    static int BytesOf(string folder) => new DirectoryInfo(folder)
        .EnumerateFiles("*", SearchOption.AllDirectories)
        .Sum(file => (((int)file.Length / PageBytes) + 1) * PageBytes);

    static void CopyFolder(string from, string to)
    {
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    static bool Succeeds(string program, params string[] args)
    {
        try
        {
            var start = new ProcessStartInfo(program, args) { RedirectStandardError = true, RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            // There is no such program.
            return false;
        }
    }
}
