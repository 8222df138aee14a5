using System.CommandLine;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// A run of training before anything of it is allocated or written: what a call asks for, resolved and checked, on the accelerator that
/// was chosen, with what it takes.
/// </summary>
/// <param name="Settings">The settings.</param>
/// <param name="Data">What is trained on.</param>
/// <param name="NamesDescription">The names in words.</param>
/// <param name="Started">The accelerator.</param>
/// <param name="Strategy">How a step is run.</param>
/// <param name="Network">The network, which has no values yet.</param>
/// <param name="Memory">What it takes.</param>
/// <param name="PrintEvery">Every how many steps the loss of a batch is printed; null for a display of progress.</param>
sealed record PlannedRun(
    RunSettings Settings, Dataset Data, string NamesDescription, ComputeDevice Started, Strategy Strategy, Mlp Network,
    MemoryPlan Memory, int? PrintEvery) : IDisposable
{
    /// <summary>The run that goes on; null for a new one.</summary>
    public ResumedRun? Resumed { get; private init; }

    /// <summary>Plans a new run. Everything that can be wrong is found here.</summary>
    /// <param name="parsed">
    /// The call, with the options of <see cref="NetworkOptions"/>, <see cref="ProgressOptions"/> and <see cref="StrategyOptions"/>, and
    /// maybe those of <see cref="RunOptions"/>.
    /// </param>
    /// <param name="session">Where to show that names are read.</param>
    /// <param name="path">The run folder; null for the next free one.</param>
    /// <param name="isWatched">Whether to look at saturation and updates in between.</param>
    /// <param name="read">The names, where they have been read before; else null.</param>
    public static PlannedRun Create(ParseResult parsed, Session session, string? path, bool isWatched, NamesFile? read = null)
    {
        GivenConfig? given = GivenConfig.Of(parsed, session);
        Recipe recipe = NetworkOptions.ResolveRecipe(parsed, given?.Configuration.Recipe);
        OutputFolder.CheckFree(path, parsed.GetValue(RunOptions.Force), RunFolder.Files);
        string? asked = DataOptions.FileOf(parsed);
        NamesFile names = read ?? given?.Read(parsed, session) ?? NamesLocation.Read(session, asked, DataOptions.Resolve(parsed));
        Dataset data = Dataset.Create(names, recipe.Context);
        Configuration configuration = NetworkOptions.Resolve(parsed, recipe, data, before: given?.Configuration);
        RunSchedule schedule = RunOptions.Resolve(parsed, configuration, data, isWatched, given?.Schedule);
        PlannedRun planned = Plan(
            parsed, given?.Machine?.Start(parsed, session) ?? StrategyOptions.Start(parsed), configuration, schedule, data,
            NamesLocation.Describe(names, asked ?? given?.Names?.Source),
            started => given?.Machine?.StrategyOf(parsed, started, recipe, data.Vocabulary.Count)
                ?? StrategyOptions.Resolve(parsed, started, recipe, data.Vocabulary.Count));
        given?.TellOther(session, planned.Settings.Machine);
        return planned;
    }

    /// <summary>Plans a run that goes on from its last checkpoint.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to tell what was found in its folder.</param>
    /// <param name="path">The folder of the run.</param>
    public static PlannedRun Resume(ParseResult parsed, Session session, string path)
    {
        ResumedRun run = ResumedRun.Read(parsed, session, path);
        return Plan(
            parsed, run.Settings.Machine.Start(parsed, session), run.Configuration, run.Schedule, run.Data,
            $"{run.Data.File.Source} ({Format.Counted(run.Data.File.Names.Count, "name")})",
            started => run.Settings.Machine.StrategyOf(parsed, started, run.Configuration.Recipe, run.Data.Vocabulary.Count)) with
        {
            Resumed = run,
        };
    }

    /// <summary>Checks that the device has the memory.</summary>
    /// <exception cref="InvalidRequestException">It does not; the message names the options that take less.</exception>
    public void CheckMemory()
    {
        (string device, long memory) = (Started.Found.Name, Started.Found.MemoryBytes);
        if (Memory.NeededBytes > memory)
        {
            (MemoryUse use, PlannedBuffer largest) = Memory.Largest;
            throw new InvalidRequestException(
                $"training takes {Format.Bytes(Memory.NeededBytes)} of memory, of which {largest.Name} are {Format.Bytes(largest.Bytes)}, "
                + $"and {device} has {Format.Bytes(memory)}: {Mend(use)}");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            Network.Dispose();
        }
        finally
        {
            Started.Dispose();
        }
    }

    static PlannedRun Plan(
        ParseResult parsed, ComputeDevice started, Configuration configuration, RunSchedule schedule, Dataset data,
        string namesDescription, Func<ComputeDevice, Strategy> resolve)
    {
        try
        {
            Strategy strategy = resolve(started);
            var network = new Mlp(started.Kernels, configuration.Recipe, data.Vocabulary.Count);
            var machine = new RunMachine(
                started.Found.Name, started.Found.Description, strategy.Name, strategy.GivesWay ? null : strategy.Threads,
                started.Kernels.Launcher.Precision.Name(), started.Kernels.Vectors);
            return new PlannedRun(
                new RunSettings(configuration, machine, schedule), data, namesDescription, started, strategy, network,
                MemoryPlan.Of(started.Kernels, network, strategy, data, schedule.Dev, schedule.WatchEvery is not null),
                ProgressOptions.ResolvePrintEvery(parsed));
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    static string Mend(MemoryUse use) => use switch
    {
        MemoryUse.Network => "use smaller --hidden, --embedding or --context",
        MemoryUse.Steps => "use smaller --batch or --hidden",
        MemoryUse.Watch => "leave --watch out, or use smaller --batch or --hidden",
        _ => "use smaller --hidden",
    };
}
