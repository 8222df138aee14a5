using System.CommandLine;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Sweeps.Cluster;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Many networks, trained at once and compared.</summary>
static class SweepCommand
{
    public static Command Create() =>
        new(
            "sweep",
            "train many networks at once, each the run that train gives with the same settings, and compare them: a table, pictures, a "
            + "report, and the best model; --accelerator may be several, such as cuda:0,cuda:1")
        {
            SweepOptions.All, SweepRunOptions.All, SlurmOptions.All, DataOptions.All, NetworkOptions.All, CommonOptions.Accelerator,
            StrategyOptions.All,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        bool isTrial = parsed.GetValue(SweepRunOptions.DryRun);
        if (parsed.GetValue(SlurmOptions.Parts) is { } parts && !isTrial)
        {
            return SlurmSweepCommand.Run(parsed, session, parts);
        }
        string? path = parsed.GetValue(SweepRunOptions.Resume);
        using SweepPlan plan = path is null ? SweepPlan.Create(parsed, session) : SweepPlan.Resume(parsed, session, path);
        if (isTrial)
        {
            return SweepTrial.Show(plan, session);
        }
        using SweepFolder folder = Open(parsed, session, plan, path);
        session.Tell("names", plan.NamesDescription);
        session.Tell("accelerator", $"{plan.Settings.Machine.Accelerator}, {plan.Settings.Machine.Device}");
        session.Tell("networks", $"{Format.Count(plan.Settings.Numbers.Count())}{SweepTrial.DiskSpace(plan)}");
        session.Tell("folder", folder.Path);
        var job = new SweepJob(session, plan, folder);
        try
        {
            job.Train();
            new SweepReport(parsed, session, plan, folder.Path).Write(job.Results, job.Seconds, job.StepsPerSecond);
        }
        catch (OperationCanceledException)
        {
            throw new InterruptedException(
                $"interrupted after {Format.Count(job.Results.Count)} of {Format.Counted(plan.Settings.Numbers.Count(), "network")}: to go "
                + $"on: {ProgramCall.With("sweep", "--resume", folder.Path)}");
        }
        if (plan.Settings.Part is not null)
        {
            session.Hint("to join all", ProgramCall.With("sweep", "merge", Path.GetDirectoryName(folder.Path)!));
        }
        return 0;
    }

    static SweepFolder Open(ParseResult parsed, Session session, SweepPlan plan, string? path)
    {
        string? asked = parsed.GetValue(SweepRunOptions.Folder);
        if (path is not null)
        {
            return SweepFolder.Reopen(path);
        }
        if (plan.Settings.Part is null)
        {
            return SweepFolder.Create(asked, parsed.GetValue(SweepRunOptions.Force), plan.Settings);
        }
        var folder = SweepFolder.OfPart(asked!, plan.Settings);
        plan.Settings.Machine.TellOther(session, SweepFolder.ReadSettings(folder.Path).Machine);
        return folder;
    }
}
