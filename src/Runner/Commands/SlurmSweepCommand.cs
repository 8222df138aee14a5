using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Sweeps.Cluster;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The command <c>sweep</c> with <c>--slurm</c>.</summary>
static class SlurmSweepCommand
{
    public static int Run(ParseResult parsed, Session session, int parts)
    {
        SlurmOptions.Check(parsed);
        return parsed.GetValue(SweepRunOptions.Resume) is { } path ? Resume(parsed, session, parts, path) : Begin(parsed, session, parts);
    }

    static int Begin(ParseResult parsed, Session session, int parts)
    {
        using var plan = SweepPlan.Create(parsed, session, isForOthers: true);
        Slurm.CheckThere();
        string path = OutputFolder.Create(parsed.GetValue(SweepRunOptions.Folder), "sweep", force: false, folder => folder);
        using FolderLock held = FolderLock.Take(path);
        session.Tell("names", plan.NamesDescription);
        session.Tell("networks", $"{Format.Count(plan.Grid.Count)}, in {Format.Counted(parts, "part")}");
        session.Tell("folder", path);
        var sweep = new SlurmSweep(parsed, session, path, parts);
        try
        {
            sweep.Begin(plan);
        }
        catch (InvalidRequestException)
        {
            // Nothing was submitted, and the same call may come again.
            Directory.Delete(path, recursive: true);
            throw;
        }
        sweep.Finish(submits: 1);
        return 0;
    }

    static int Resume(ParseResult parsed, Session session, int parts, string path)
    {
        SweepRules.CheckGoesOn(parsed, path, [.. SweepRules.OfNewSweep, .. SweepRules.OfMachine]);
        SweepSettings settings = SweepFolder.ReadSettings(path);
        if (settings.JoinedParts != parts)
        {
            throw new InvalidRequestException(settings.JoinedParts is { } others
                ? $"'{path}' is trained in {others} parts: give {SlurmOptions.Parts.Name} {others}"
                : $"'{path}' was not begun with {SlurmOptions.Parts.Name}: leave it out");
        }
        Slurm.CheckThere();
        using FolderLock held = FolderLock.Take(path);
        new SlurmSweep(parsed, session, path, parts).Finish(submits: 0);
        return 0;
    }
}
