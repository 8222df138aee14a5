using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Measuring;
using Makemore.Gpu.Runner.Bench;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Live;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.Commands;

/// <summary>Names in, a trained model and new names out.</summary>
static class TrainCommand
{
    const int SampledNames = 20;

    public static Command Create() =>
        new(
            "train",
            "train a model: progress, the losses of the three splits, and new names; "
            + "settings, losses, checkpoints and the model go to a run folder")
        {
            DataOptions.File, DataOptions.All, NetworkOptions.All, CommonOptions.Accelerator, StrategyOptions.All, RunOptions.All,
            ProgressOptions.All,
        };

    public static int Run(ParseResult parsed, Session session)
    {
        string? path = parsed.GetValue(RunOptions.Resume);
        BenchFile? bench = ReadBench(parsed);
        using Dashboard? dashboard = StartDashboard(parsed, session);
        try
        {
            return Run(parsed, session, path, bench, dashboard?.History);
        }
        catch (Exception fault)
        {
            dashboard?.History.End(fault.Message);
            throw;
        }
    }

    static int Run(ParseResult parsed, Session session, string? path, BenchFile? bench, RunHistory? history)
    {
        TunedTraining? tuned = parsed.GetValue(RunOptions.Tune) ? TunedTraining.Create(parsed, session) : null;
        if (parsed.GetValue(RunOptions.DryRun))
        {
            using PlannedRun planned = path is not null
                ? PlannedRun.Resume(parsed, session, path)
                : PlannedRun.Create(parsed, session, parsed.GetValue(RunOptions.Folder), RunOptions.IsWatched(parsed));
            return Show(planned, bench?.ForecastFor(planned.Started.Found, planned.Strategy.Name), session);
        }
        using TrainingJob job = path is not null
            ? TrainingJob.Resume(parsed, session, path)
            : TrainingJob.Create(
                tuned?.Call ?? parsed, session, parsed.GetValue(RunOptions.Folder), RunOptions.IsWatched(parsed), tuned?.Names);
        if (path is not null && history is not null)
        {
            FinishedRun.Read(path, _ => { }).Show(history);
        }
        job.History = history;
        TrainingOutcome outcome = job.Train();
        if (outcome.IsInterrupted)
        {
            Report(session, job, outcome, losses: null, tuned);
        }
        outcome.ThrowIfInterrupted();
        IReadOnlyDictionary<string, double> losses = Evaluate(job, session);
        outcome.Keep(session, losses);
        string means = string.Join(", ", losses.Select(loss => $"{loss.Key} {Format.Loss(loss.Value)}"));
        session.Fact("losses", $"{means} (means of the splits after {Format.Counted(outcome.ModelStep, "step")})");
        if (tuned is not null)
        {
            session.Fact("tuned", tuned.Tuning.Gain);
        }
        foreach (string warning in Warnings(job, outcome, losses))
        {
            session.Fact("warning", warning);
        }
        session.Hint("look inside", ProgramCall.With("inspect", "--run", outcome.Folder));
        session.Text.WriteLine();
        var sampler = new Sampler(job.Kernels, job.Network, job.Data.Vocabulary, job.Strategy);
        var names = new ShownNames(isKnownTold: true);
        string?[] lines = [.. SampledName.Mark(sampler.Sample(SampledNames), job.Data.KnownNames).Select(names.Add)];
        foreach (string line in lines.OfType<string>().Concat(["", .. names.Summary, .. ShownNames.DescribeUnended(sampler.Unended)]))
        {
            session.Text.WriteLine(line);
        }
        history?.Show(losses, outcome.ModelStep);
        history?.Show(names, outcome.ModelStep);
        history?.End(
            (outcome.Steps < job.Configuration.Steps
                ? $"over: stopped after {Format.Count(outcome.Steps)} steps, since the dev loss fell no more"
                : $"over: all {Format.Count(outcome.Steps)} steps are done")
            + $"; to see this page again: makemore inspect --run {outcome.Folder} --serve");
        Report(session, job, outcome, losses, tuned);
        return 0;
    }

    static Dashboard? StartDashboard(ParseResult parsed, Session session)
    {
        if (parsed.GetValue(RunOptions.DryRun) && DashboardOptions.IsAsked(parsed, DashboardOptions.Dashboard))
        {
            throw new InvalidRequestException(
                $"{DashboardOptions.Dashboard.Name} shows a training, and {RunOptions.DryRun.Name} trains nothing: leave one of them out");
        }
        return DashboardOptions.Start(parsed, DashboardOptions.Dashboard, session);
    }

    static BenchFile? ReadBench(ParseResult parsed)
    {
        string? path = parsed.GetValue(RunOptions.Bench);
        if (path is not null && !parsed.GetValue(RunOptions.DryRun))
        {
            throw new InvalidRequestException($"{RunOptions.Bench.Name} is for {RunOptions.DryRun.Name}: give both, or neither");
        }
        return path is null ? null : BenchFile.Read(path);
    }

    static int Show(PlannedRun run, StepForecast? forecast, Session session)
    {
        double? stepsPerSecond = 1 / forecast?.Seconds(TrainingOperations.FlopsOf(run.Network.Shape, run.Network.Recipe.Batch));
        ConsolePage.Write(session, PlanPage.Of(run, stepsPerSecond));
        long memory = run.Started.Found.MemoryBytes;
        session.Result(new
        {
            Accelerator = run.Started.Found.Name,
            Strategy = run.Strategy.Name,
            Parameters = run.Network.ParameterCount,
            run.Memory.ModelBytes,
            Buffers = run.Memory.Buffers.Select(planned => new
            {
                planned.Buffer.Name,
                Use = Format.Word(planned.Use),
                planned.Buffer.Bytes,
            }),
            run.Memory.TrainingBytes,
            run.Memory.EndBytes,
            run.Memory.NeededBytes,
            MemoryBytes = memory,
            run.Memory.Step.Launches,
            run.Memory.Step.StepsPerLaunch,
            ExpectedStepsPerSecond = stepsPerSecond,
            Fits = run.Memory.NeededBytes <= memory,
        });
        run.CheckMemory();
        return 0;
    }

    static void Report(
        Session session, TrainingJob job, TrainingOutcome outcome, IReadOnlyDictionary<string, double>? losses, TunedTraining? tuned) =>
        session.Result(new TrainingReport(
            outcome.Steps, losses, outcome.StepsPerSecond, job.Device.Name, job.Strategy.Name, outcome.Model, outcome.Metrics,
            outcome.Dev?.Best, outcome.IsInterrupted, tuned is null ? null : TuningReport.Of(tuned.Tuning)));

    static IEnumerable<string> Warnings(TrainingJob job, TrainingOutcome outcome, IReadOnlyDictionary<string, double> losses)
    {
        double uniform = job.Data.Vocabulary.UniformLoss;
        if (losses["dev"] > uniform)
        {
            string mend = losses["train"] > uniform ? "try a smaller --learning-rate" : "give it more names, or fewer --steps";
            yield return $"the dev loss is above {Format.Fixed(uniform, 4)}, that of equal guesses: the model knows less than nothing "
                + $"about new names; {mend}";
        }
        // The best network is one of before.
        if (outcome.Dev is { IsOverfitting: true } dev && outcome.ModelStep != dev.Best.Step)
        {
            yield return $"since step {Format.Count(dev.Best.Step)} the dev loss has risen from {Format.Loss(dev.Best.Loss)} to "
                + $"{Format.Loss(dev.Last.Loss)}, while the training loss fell from {Format.Loss(dev.Best.TrainingLoss)} to "
                + $"{Format.Loss(dev.Last.TrainingLoss)}: the network learns its names by heart; --keep-best ends with the best one, "
                + "--patience 3 stops in time";
        }
    }

    static IReadOnlyDictionary<string, double> Evaluate(TrainingJob job, Session session)
    {
        using var progress = SlowWork.OfEvaluation(session, job.Data);
        using var evaluator = new Evaluator(job.Kernels, job.Network, job.Strategy) { Progress = progress };
        return evaluator.Losses(job.Data, session.Cancellation);
    }
}
