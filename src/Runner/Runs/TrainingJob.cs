using System.CommandLine;
using System.Diagnostics;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Live;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>A run of training, from the options of a command to the files of its folder.</summary>
sealed class TrainingJob : IDisposable
{
    static readonly TimeSpan CalibrationWhenInterrupted = TimeSpan.FromSeconds(1);

    readonly Session session;
    readonly PlannedRun planned;
    readonly TorchGenerator generator;
    readonly TrainingState? start;
    readonly RunResult? before;
    readonly Func<RunFolder> open;

    TrainingJob(
        Session session, PlannedRun planned, TorchGenerator generator, TrainingState? start, RunResult? before,
        Func<TrainingJob, RunFolder> open)
    {
        this.session = session;
        this.planned = planned;
        this.generator = generator;
        this.start = start;
        this.before = before;
        this.open = () => open(this);
    }

    /// <summary>The settings.</summary>
    public Configuration Configuration => Settings.Configuration;

    /// <summary>What is trained on.</summary>
    public Dataset Data => planned.Data;

    /// <summary>The device.</summary>
    public FoundDevice Device => planned.Started.Found;

    /// <summary>The kernels.</summary>
    public KernelSet Kernels => planned.Started.Kernels;

    /// <summary>How a step is run.</summary>
    public Strategy Strategy => planned.Strategy;

    /// <summary>The network.</summary>
    public Mlp Network => planned.Network;

    /// <summary>Where to show it beside the terminal; null for nowhere.</summary>
    public RunHistory? History { get; set; }

    RunSettings Settings => planned.Settings;

    LossSchedule LossSchedule => new(Settings.Schedule.LogEvery, Configuration.Steps);

    /// <summary>Prepares a new run: everything that can be wrong is found before anything is written.</summary>
    /// <param name="parsed">
    /// The call, with the options of <see cref="NetworkOptions"/>, <see cref="ProgressOptions"/> and <see cref="StrategyOptions"/>, and
    /// maybe those of <see cref="RunOptions"/>.
    /// </param>
    /// <param name="session">Where to show it.</param>
    /// <param name="path">The run folder; null for the next free one.</param>
    /// <param name="isWatched">Whether to look at saturation and updates in between.</param>
    /// <param name="read">The names, where they have been read before; else null.</param>
    public static TrainingJob Create(ParseResult parsed, Session session, string? path, bool isWatched, NamesFile? read = null) =>
        Begin(PlannedRun.Create(parsed, session, path, isWatched, read), planned =>
        {
            TorchGenerator generator = planned.Network.Draw(planned.Settings.Configuration.Seeds);
            return new TrainingJob(session, planned, generator, start: null, before: null, job => RunFolder.Create(
                session, path, job.Configuration.Recipe.Name, parsed.GetValue(RunOptions.Force),
                folder => job.Settings.ToJson(job.Data.File, folder), job.LossSchedule,
                folder => job.Copy(folder, new TrainingState(0, generator.ToText(), 0, 0, 0, null))));
        });

    /// <summary>Prepares a run that goes on from its last checkpoint.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to show it.</param>
    /// <param name="path">The folder of the run.</param>
    public static TrainingJob Resume(ParseResult parsed, Session session, string path) =>
        Begin(PlannedRun.Resume(parsed, session, path), planned =>
        {
            ResumedRun run = planned.Resumed!;
            RunMachine machine = planned.Settings.Machine;
            if (!machine.GivesTheBitsOf(run.Settings.Machine))
            {
                session.Note(
                    $"note: the run goes on with {machine}, and it was {run.Settings.Machine}: from here on its numbers are those of a run "
                    + $"without a break within rounding, and not bit for bit");
            }
            TrainingState state = run.Checkpoint.Training!;
            run.Checkpoint.Restore(planned.Network);
            RunResult? before = ResultBefore(session, path);
            return new TrainingJob(session, planned, TorchGenerator.Parse(state.Generator), state, before, job => RunFolder.Reopen(
                session, path, job.Settings.ToJson(job.Data.File, path), job.LossSchedule, state.StepsDone));
        });

    /// <summary>Trains, and writes the run folder.</summary>
    public TrainingOutcome Train()
    {
        long begin = Stopwatch.GetTimestamp();
        // What was trained must not be lost: an interrupt is heard between two launches.
        using IDisposable finished = session.Finish();
        RunHeader.Tell(session, planned);
        History?.Begin(Configuration);
        // Reading a large list leaves as much behind as it keeps.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using RunFolder folder = open();
        session.Tell("run folder", folder.Path);
        if (start is not null)
        {
            session.Tell("goes on", $"after {Format.Counted(start.StepsDone, "step")}");
        }
        RunSchedule schedule = Settings.Schedule;
        using EventLog? events = schedule.Tensorboard ? new EventLog(folder, LossSchedule, start?.StepsDone ?? 0) : null;
        if (events is not null)
        {
            session.Tell("watch it", $"tensorboard --logdir {ProgramCall.Quote(folder.Path)}");
        }
        using var checkpoints = new RunCheckpoints(folder, schedule.CheckpointEvery, state => Copy(folder.Path, state));
        using TrainingWatch? watch = schedule.WatchEvery is { } every
            ? Watch(folder, events, every)
            : null;
        using DevMeter? dev = schedule.Dev is { } plan ? new DevMeter(Kernels, Network, Strategy, Data.Dev, plan) : null;
        var trainer = new Trainer(Kernels, Network, Configuration, generator, Strategy)
        {
            Start = start,
            Watch = watch,
            DevMeter = dev,
            Patience = schedule.Patience,
            Checkpoints = checkpoints,
        };
        try
        {
            Show(trainer, show => trainer.Run(
                Data.Train,
                results =>
                {
                    folder.Write(results);
                    events?.Write(results);
                    History?.Add(results, trainer.StepsPerSecond);
                    show(results);
                },
                session.Cancellation));
        }
        catch (DivergedException fault)
        {
            WriteEnd(Result(RunEnd.Diverged, fault.Step, modelStep: null));
            throw new DivergedException(
                fault.Step, fault.Cause,
                $"{fault.Message}; {ProgramCall.With("inspect", "--run", folder.Path)} shows the network as it was at its last checkpoint");
        }
        checkpoints.Wait();
        bool isInterrupted = session.Cancellation.IsCancellationRequested;
        if (trainer.HasLostPatience && trainer.StepsDone < Configuration.Steps)
        {
            session.Tell("stopped", $"after {Format.Counted(trainer.StepsDone, "step")}: the dev loss was not below its lowest "
                + $"{Format.Counted(trainer.Dev!.Stale, "time")} in a row");
        }
        int step = schedule.KeepBest && !isInterrupted ? TakeBest(folder, trainer) : trainer.StepsDone;
        if (Configuration.Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated } && !TryCalibrate(folder))
        {
            isInterrupted = true;
        }
        folder.FlushLosses();
        folder.SyncLosses();
        string model = ModelOutput.Write(Copy(folder.Path, step), folder);
        RunResult result = Result(isInterrupted ? RunEnd.Interrupted : RunEnd.Finished, trainer.StepsDone, step);
        WriteEnd(result);
        if (trainer.StepsPerSecond > 0 && !isInterrupted)
        {
            session.Tell("speed", $"{Format.Count((long)trainer.StepsPerSecond)} steps/s");
        }
        if (!isInterrupted)
        {
            session.Fact("model", model);
        }
        return new TrainingOutcome(
            trainer.StepsDone, trainer.StepsPerSecond, trainer.Dev, step, folder.Path, model, folder.Metrics, result);

        void WriteEnd(RunResult result)
        {
            if (schedule.Csv)
            {
                folder.FlushLosses();
                folder.WriteCsv();
            }
            folder.Write(result);
        }

        RunResult Result(RunEnd end, int steps, int? modelStep) => new(
            end, steps, modelStep, trainer.Dev?.Best, trainer.StepsPerSecond > 0 ? trainer.StepsPerSecond : before?.StepsPerSecond ?? 0,
            (start is null ? 0 : before?.Seconds) + Stopwatch.GetElapsedTime(begin).TotalSeconds, DateTimeOffset.UtcNow);
    }

    /// <inheritdoc/>
    public void Dispose() => planned.Dispose();

    // Nothing is allocated for a run that does not fit.
    static TrainingJob Begin(PlannedRun planned, Func<PlannedRun, TrainingJob> begin)
    {
        try
        {
            planned.CheckMemory();
            return begin(planned);
        }
        catch
        {
            planned.Dispose();
            throw;
        }
    }

    ModelFile Copy(string folder, TrainingState state) => Copy(folder, state.StepsDone) with { Training = state };

    ModelFile Copy(string folder, int step) => ModelFile.Of(Network, Configuration, Data, step) with
    {
        DataSource = DataSource.From(Data.File.Source, folder),
    };

    static RunResult? ResultBefore(Session session, string path)
    {
        try
        {
            return RunResult.Read(path);
        }
        catch (InvalidRequestException fault)
        {
            session.Note($"note: {fault.Message}");
            return null;
        }
    }

    TrainingWatch Watch(RunFolder folder, EventLog? events, int every)
    {
        LiveNames? names = History is null ? null : new LiveNames(History, Kernels, Network, Data, Strategy);
        TrainingWatch? watch = null;
        watch = new TrainingWatch(Kernels, Network, Data.Train, every)
        {
            Seen = look =>
            {
                folder.Write(look);
                events?.Write(look);
                History?.Add(look, watch!.SaturationCondition);
                names?.Show(look.Step);
            },
        };
        return watch;
    }

    // Gives false where it was interrupted. The statistics of some layers are then those that training has followed.
    bool TryCalibrate(RunFolder folder)
    {
        using CancellationTokenSource end = session.Cancellation.IsCancellationRequested
            ? new CancellationTokenSource(CalibrationWhenInterrupted)
            : CancellationTokenSource.CreateLinkedTokenSource(session.Cancellation);
        try
        {
            using var progress = SlowWork.OfCalibration(session, Network, Data);
            folder.Write(Calibration.Calibrate(Kernels, Network, Strategy, Data.Train, progress, end.Token));
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Gives the step of the network that the run ends with.
    int TakeBest(RunFolder folder, Trainer trainer)
    {
        if (trainer.Dev is not { } dev || dev.Best.Step == trainer.StepsDone)
        {
            return trainer.StepsDone;
        }
        try
        {
            var best = ModelFile.Read(folder.Best);
            best.Restore(Network);
            session.Tell("best", $"the network after {Format.Counted(best.Step, "step")}: dev {Format.Loss(dev.Best.Loss)}");
            return best.Step;
        }
        catch (InvalidRequestException fault)
        {
            session.Note($"note: {fault.Message}: the run ends with its last network");
            return trainer.StepsDone;
        }
    }

    void Show(Trainer trainer, Action<Action<IReadOnlyList<StepResult>>> train)
    {
        if (planned.PrintEvery is { } every)
        {
            new StepLines(session, Configuration.Steps, every).Show(train);
        }
        else
        {
            new TrainingProgress(session, Configuration.Steps, trainer).Show(train);
        }
    }
}
