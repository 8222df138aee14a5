using System.CommandLine;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Options;

/// <summary>The options that say what a run of training writes down, when it stops, and how it goes on.</summary>
static class RunOptions
{
    // Of one line of losses there are 52 bytes: so many take about 20 MB.
    const int MostLines = 400_000;

    /// <summary>The folder of a new run.</summary>
    public static Option<string?> Folder { get; } = new("--run")
    {
        Description = "the run folder; runs/RECIPE-N with the next free N",
        HelpName = "DIR",
    };

    /// <summary>Whether that folder may be there.</summary>
    public static Option<bool> Force { get; } = new("--force")
    {
        Description = "write into a run folder that exists, in place of the files of the run before",
    };

    /// <summary>The folder of a run that goes on.</summary>
    public static Option<string?> Resume { get; } = new("--resume")
    {
        Description = "go on with the run of this folder from its last checkpoint, as if it had never stopped; with --steps further than "
            + "it was to go",
        HelpName = "DIR",
    };

    /// <summary>The settings of another run.</summary>
    public static Option<string?> Config { get; } = new("--config")
    {
        Description = "train by the settings of a run: its folder, or its config.json; options of this call go before them. With the same "
            + "names, on the same accelerator, it gives the same bits",
        HelpName = "RUN|FILE",
        CompletionSources = { _ => OutputFolder.Runs },
    };

    /// <summary>Whether nothing is to be trained.</summary>
    public static Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "train nothing and write nothing: show what the run would take, each buffer of the accelerator with its size, the "
            + "sum beside the memory that there is, and the launches of a step",
    };

    /// <summary>Whether settings are tried first.</summary>
    public static Option<bool> Tune { get; } = new("--tune")
    {
        Description = "first try 32 settings of learning rate, hidden width, embedding and L2, and train by the best; those that the call "
            + "gives stay. It tells what was gained, and keeps the recipe's own settings where that is nothing. Takes five to seven times "
            + "as long",
    };

    /// <summary>Measurements, by which the time of a run is estimated.</summary>
    public static Option<string?> Bench { get; } = new("--bench")
    {
        Description = "with --dry-run: estimate the steps a second, too, by a file that bench --json has written on this machine",
        HelpName = "FILE",
    };

    /// <summary>Whether the run is watched.</summary>
    public static Option<bool> Watch { get; } = new("--watch")
    {
        Description = "look at the network 100 times: show its saturation and its update:data ratios as they move, "
            + "and write them to diagnostics.jsonl",
    };

    /// <summary>Whether the run is watched, by its own option or for a dashboard.</summary>
    /// <param name="parsed">The call.</param>
    public static bool IsWatched(ParseResult parsed) =>
        parsed.GetValue(Watch) || DashboardOptions.IsAsked(parsed, DashboardOptions.Dashboard);

    static readonly Option<int?> LogEvery = CommonOptions.Number<int>(
        "--log-every", $"write the loss of every N-th step to metrics.jsonl; 1, and above {MostLines} steps what keeps it to about 20 MB");

    static readonly Option<int?> CheckpointEvery = CommonOptions.Number<int>(
        "--checkpoint-every", "keep a checkpoint, from which --resume goes on, every N steps; once a minute, and at the end");

    static readonly Option<int?> EvalEvery = CommonOptions.Number<int>(
        "--eval-every",
        "measure the dev loss every N steps, on the whole dev split, or never with 0; without it up to 20 times, on as many examples as "
        + "cost about 3% of the training");

    static readonly Option<int?> Patience = CommonOptions.Number<int>(
        "--patience", "stop when the dev loss was not below its lowest N times in a row");

    static readonly Option<bool> KeepBest = new("--keep-best")
    {
        Description = "end with the network of the lowest dev loss, not with the last one",
    };

    static readonly Option<bool> Tensorboard = new("--tensorboard")
    {
        Description = "write the losses, and what --watch sees, as events for TensorBoard, too, which shows them while the network is "
            + "trained",
    };

    static readonly Option<bool> Csv = new("--csv")
    {
        Description = "write the losses as a table, too, metrics.csv, at the end of the run",
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All { get; } =
    [
        Folder, Force, Config, Resume, LogEvery, CheckpointEvery, EvalEvery, Patience, KeepBest, Watch, DashboardOptions.Dashboard,
        Tensorboard, Csv, DryRun, Bench, Tune,
    ];

    /// <summary>What a new run writes down, and when it stops.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="configuration">The settings of the training.</param>
    /// <param name="data">What is trained on.</param>
    /// <param name="isWatched">Whether to look at the network in between, asked or not.</param>
    /// <param name="before">What it writes down where the call does not say another thing; null for what fits its steps.</param>
    /// <exception cref="InvalidRequestException">An option cannot be.</exception>
    public static RunSchedule Resolve(
        ParseResult parsed, Configuration configuration, Dataset data, bool isWatched, RunSchedule? before = null)
    {
        RunSchedule schedule = before is not null ? before with { Dev = FitTo(data, before.Dev) } : new RunSchedule(
            Math.Max(1, (int)Math.Ceiling(configuration.Steps / (double)MostLines)),
            isWatched ? TrainingWatch.EveryFor(configuration.Steps) : null,
            null, DevPlan.Cheap(configuration, data.Dev.Count), null, KeepBest: false);
        return Resolve(parsed, schedule, configuration, data);
    }

    /// <summary>What a run writes down, and when it stops, with what was asked for.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="schedule">What it is without.</param>
    /// <param name="configuration">The settings of the training.</param>
    /// <param name="data">What is trained on.</param>
    /// <exception cref="InvalidRequestException">An option cannot be.</exception>
    public static RunSchedule Resolve(ParseResult parsed, RunSchedule schedule, Configuration configuration, Dataset data)
    {
        int? evalEvery = CommonOptions.AtLeast(parsed, EvalEvery, 0);
        int? patience = CommonOptions.AtLeast(parsed, Patience, 1) ?? schedule.Patience;
        bool keepBest = parsed.GetValue(KeepBest) || schedule.KeepBest;
        bool needsDev = patience is not null || keepBest;
        if (needsDev && evalEvery == 0)
        {
            throw new InvalidRequestException(
                $"{EvalEvery.Name} 0 measures no dev loss, which {Patience.Name} and {KeepBest.Name} go by: leave one of them out");
        }
        DevPlan? dev = evalEvery switch
        {
            null when needsDev && schedule.Dev?.Examples != data.Dev.Count =>
                new DevPlan(schedule.Dev?.Every ?? DevPlan.EveryFor(configuration.Steps), data.Dev.Count),
            null => schedule.Dev,
            0 => null,
            { } every => new DevPlan(every, data.Dev.Count),
        };
        return new RunSchedule(
            CommonOptions.AtLeast(parsed, LogEvery, 1) ?? schedule.LogEvery,
            ProgressOptions.ResolveWatchEvery(parsed, IsWatched(parsed), configuration.Steps) ?? schedule.WatchEvery,
            CommonOptions.AtLeast(parsed, CheckpointEvery, 1) ?? schedule.CheckpointEvery,
            dev, patience, keepBest, parsed.GetValue(Tensorboard) || schedule.Tensorboard, parsed.GetValue(Csv) || schedule.Csv);
    }

    static DevPlan? FitTo(Dataset data, DevPlan? plan) =>
        plan is null ? null : plan with { Examples = Math.Min(plan.Examples, data.Dev.Count) };
}
