using System.CommandLine;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Sweeps;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Many networks, trained at once and compared.</summary>
static class SweepCommand
{
    public static Command Create() =>
        new(
            "sweep",
            "train many networks at once, each the run that train gives with the same settings, and compare them: a table, pictures, a "
            + "report, and the best model")
        {
            SweepOptions.All, SweepRunOptions.All, DataOptions.All, NetworkOptions.All, CommonOptions.Accelerator, StrategyOptions.All,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        string? path = parsed.GetValue(SweepRunOptions.Resume);
        using SweepPlan plan = path is null ? SweepPlan.Create(parsed, session) : SweepPlan.Resume(parsed, session, path);
        if (parsed.GetValue(SweepRunOptions.DryRun))
        {
            return SweepTrial.Show(plan, session);
        }
        using SweepFolder folder = path is null
            ? SweepFolder.Create(parsed.GetValue(SweepRunOptions.Folder), parsed.GetValue(SweepRunOptions.Force), plan.Settings)
            : SweepFolder.Reopen(path);
        session.Text.WriteLine($"names        {plan.NamesDescription}");
        session.Text.WriteLine($"accelerator  {plan.Started.Found.Name}, {plan.Started.Found.Description}");
        session.Text.WriteLine($"networks     {Format.Count(plan.Grid.Count)}{SweepTrial.DiskSpace(plan)}");
        session.Text.WriteLine($"folder       {folder.Path}");
        var job = new SweepJob(session, plan, folder);
        try
        {
            job.Train();
            Report(parsed, session, plan, folder, job);
        }
        catch (OperationCanceledException)
        {
            throw new InterruptedException(
                $"interrupted after {job.Results.Count} of {plan.Grid.Count} networks: to go on: makemore sweep --resume {folder.Path}");
        }
        return 0;
    }

    static void Report(ParseResult parsed, Session session, SweepPlan plan, SweepFolder folder, SweepJob job)
    {
        IReadOnlyList<NetworkResult> results = job.Results;
        string? model = job.Best is null || plan.Settings.Keep == KeptModels.None ? null : folder.BestModel;
        string command = job.Best is { } best ? plan.CommandOf(best.Network.Number) : "";
        double uniform = plan.DataOf(results[0].Network.Configuration.Recipe.Context).Vocabulary.UniformLoss;
        var summary = new SweepSummary(
            plan.Grid.Names, results, plan.Grid.Count, uniform, job.Seconds, job.StepsPerSecond, model, command);
        session.Text.WriteLine();
        OutputFolder.Clear(folder.Path);
        PageFiles files = PageFiles.Write(session, SweepPage.Of(summary), folder.Path);
        if (parsed.GetValue(SweepRunOptions.Csv) is { } csv)
        {
            SweepCsv.Write(csv, results);
            session.Text.WriteLine($"table        {csv}");
        }
        if (model is not null)
        {
            session.Text.WriteLine($"model        {model}");
        }
        session.Result(new
        {
            Networks = results.Count,
            Steps = results.Sum(result => (long)result.Outcome.Steps),
            job.StepsPerSecond,
            Trained = Count(NetworkEnd.Trained),
            Dropped = Count(NetworkEnd.Dropped),
            Diverged = Count(NetworkEnd.Diverged),
            Best = job.Best is { } network
                ? new
                {
                    network.Network.Number,
                    Settings = network.Network.Settings.ToDictionary(setting => setting.Name, setting => setting.Value),
                    network.Outcome.Losses,
                    Model = model,
                    Command = command,
                }
                : null,
            Folder = folder.Path,
            files.Report,
        });

        int Count(NetworkEnd end) => results.Count(result => result.Outcome.End == end);
    }
}
