using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Live;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>The diagnostics of a run: of one that is there, or of one that is made for it.</summary>
static class InspectCommand
{
    static readonly Option<string?> Folder = new("--run")
    {
        Description = "the folder of a run that the command train wrote; without it the latest run of runs; with an option of a network or "
            + "its data, or where there is no run, a network is trained first, as train --watch does",
        HelpName = "RUN",
    };

    static readonly Argument<string?> Named = new("RUN")
    {
        Description = "the folder of a run, as --run",
        Arity = ArgumentArity.ZeroOrOne,
        CompletionSources = { _ => OutputFolder.Runs },
    };

    // Each of them asks for a network of its own.
    static readonly Option[] OfNewRun = [.. NetworkOptions.All, .. ProgressOptions.All, .. DataOptions.All.Except(DataOptions.OfFile)];

    public static Command Create() =>
        new(
            "inspect",
            "what a network looks like inside: activations, gradients, weights, updates, saturation, BatchNorm statistics; "
            + "tables, pictures and a report")
        {
            Named, Folder, DashboardOptions.Serve, DataOptions.All, CommonOptions.Accelerator, NetworkOptions.All, ProgressOptions.All,
            StrategyOptions.All,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        string? asked = parsed.ValueOf(Folder, Named);
        bool trains = asked is null && (parsed.FirstGiven([.. OfNewRun, .. DataOptions.OfFile]) is not null || !FoundModel.HasLatestRun);
        return trains ? TrainAndInspect(parsed, session) : InspectRun(FoundModel.FolderOf(asked, session), parsed, session);
    }

    static int Serve(FinishedRun run, Dataset data, ParseResult parsed, Session session)
    {
        using Dashboard dashboard = DashboardOptions.Start(parsed, DashboardOptions.Serve, session)!;
        RunHistory history = dashboard.History;
        Configuration configuration = run.Model.Configuration;
        history.Begin(configuration);
        run.Show(history);
        using (var started = StrategyOptions.Start(parsed))
        {
            Strategy strategy = StrategyOptions.Resolve(parsed, started, configuration.Recipe, data.Vocabulary.Count);
            using Mlp network = run.Model.Load(started.Kernels);
            history.Show(RunReport.Evaluate(session, started.Kernels, strategy, network, data, run.Model.Step), run.Model.Step);
            history.Show(
                RunReport.Sample(started.Kernels, strategy, network, data.Vocabulary, run.Model.KnownNames ?? data.KnownNames),
                run.Model.Step);
        }
        history.End(run.Model.Step < configuration.Steps
            ? $"over: this is the run as it was after {Format.Count(run.Model.Step)} steps"
            : $"over: all {Format.Count(run.Model.Step)} steps are done");
        session.Text.WriteLine("served       until Ctrl-C");
        session.Result(new { Run = run.Path, dashboard.Address });
        session.Cancellation.WaitHandle.WaitOne();
        return 0;
    }

    static int InspectRun(string path, ParseResult parsed, Session session)
    {
        if (parsed.FirstGiven(OfNewRun) is { } option)
        {
            throw new InvalidRequestException($"{option.Name} is for a new run, and --run names one that is there: give one of them");
        }
        FinishedRun run = FinishedRun.Read(path, note => session.Note($"note: {note}"));
        bool isServed = DashboardOptions.IsAsked(parsed, DashboardOptions.Serve);
        if (!isServed)
        {
            OutputFolder.CheckFiles(path, [OutputFolder.ReportFile]);
        }
        NamesFormat format = DataOptions.Resolve(parsed, run.Model.NamesFormat);
        Dataset data = ModelData.Read(run.Model, parsed.GetValue(DataOptions.Data), format, session);
        if (isServed)
        {
            return Serve(run, data, parsed, session);
        }
        using var started = StrategyOptions.Start(parsed);
        Strategy strategy = StrategyOptions.Resolve(parsed, started, run.Model.Configuration.Recipe, data.Vocabulary.Count);
        using Mlp network = run.Model.Load(started.Kernels);
        using var held = FolderLock.Take(path);
        RunReport.Write(session, started.Kernels, strategy, network, data, run);
        return 0;
    }

    static int TrainAndInspect(ParseResult parsed, Session session)
    {
        if (DashboardOptions.IsAsked(parsed, DashboardOptions.Serve))
        {
            throw new InvalidRequestException($"{DashboardOptions.Serve.Name} is for a run that is there: give its folder with --run");
        }
        using var job = TrainingJob.Create(parsed, session, path: null, isWatched: true);
        TrainingOutcome outcome = job.Train();
        outcome.ThrowIfInterrupted();
        session.Text.WriteLine();
        outcome.Keep(session, RunReport.Write(
            session, job.Kernels, job.Strategy, job.Network, job.Data, FinishedRun.Read(outcome.Folder, session.Note)));
        return 0;
    }
}
