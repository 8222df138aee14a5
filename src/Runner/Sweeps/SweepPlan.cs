using System.CommandLine;
using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// A sweep before anything of it is allocated or written: what a call asks for, resolved and checked, on the accelerators that were chosen,
/// or on none where others train.
/// </summary>
sealed class SweepPlan : IDisposable
{
    readonly NamesFile names;
    readonly Dictionary<int, Dataset> data = [];

    SweepPlan(
        SweepSettings settings, SweepGrid grid, NamesFile names, string namesDescription, IReadOnlyList<SweepAccelerator> accelerators)
    {
        Settings = settings;
        Grid = grid;
        NamesDescription = namesDescription;
        Accelerators = accelerators;
        this.names = names;
    }

    /// <summary>Everything that was asked for.</summary>
    public SweepSettings Settings { get; }

    /// <summary>The networks.</summary>
    public SweepGrid Grid { get; }

    /// <summary>The names in words.</summary>
    public string NamesDescription { get; }

    /// <summary>The accelerators; none where others train.</summary>
    public IReadOnlyList<SweepAccelerator> Accelerators { get; }

    /// <summary>Plans a new sweep. Everything that can be wrong is found here.</summary>
    /// <param name="parsed">
    /// The call, with the options of <see cref="NetworkOptions"/>, <see cref="StrategyOptions"/>, <see cref="SweepOptions"/> and
    /// <see cref="SweepRunOptions"/>.
    /// </param>
    /// <param name="session">Where to show that it takes long.</param>
    /// <param name="isForOthers">Whether others train it, who have an accelerator and check what it can do.</param>
    public static SweepPlan Create(ParseResult parsed, Session session, bool isForOthers = false)
    {
        SweepPart? part = SweepRules.PartOf(parsed);
        SweepRequest request = SweepRequest.Of(parsed);
        SweepGrid grid = SweepGrid.Create(request);
        string? file = parsed.GetValue(DataOptions.Data);
        NamesFile names = NamesLocation.Read(session, file, DataOptions.Resolve(parsed));
        string description = NamesLocation.Describe(names, file);
        string strategy = parsed.GetValue(StrategyOptions.StrategyName)!;
        int? threads = StrategyOptions.ThreadsOf(parsed);
        SweepSettings On(SweepMachine machine) => new(
            request, grid.Count, parsed.GetValue(SweepRunOptions.Halving), parsed.GetValue(SweepRunOptions.Keep) ?? KeptModels.Best,
            SweepNames.Of(parsed, names), machine, part);
        string asked = parsed.GetValue(CommonOptions.Accelerator)!;
        string precision = parsed.GetValue(StrategyOptions.PrecisionName)!;
        if (isForOthers)
        {
            var unknown = new SweepMachine(asked, "", strategy, threads, precision, "");
            return Begin(session, [], () => new SweepPlan(On(unknown), grid, names, description, []));
        }
        IReadOnlyList<SweepAccelerator> accelerators = SweepAccelerator.Start(parsed, asked, precision, strategy, threads);
        return Begin(session, accelerators, () => new SweepPlan(
            On(SweepAccelerator.Together(accelerators, strategy, threads)), grid, names, description, accelerators));
    }

    /// <summary>A sweep that others have trained.</summary>
    /// <param name="parsed">The call, with <see cref="DataOptions.Data"/>.</param>
    /// <param name="session">Where to show that it takes long.</param>
    /// <param name="settings">Its settings.</param>
    /// <param name="path">Its folder.</param>
    public static SweepPlan OfOthers(ParseResult parsed, Session session, SweepSettings settings, string path)
    {
        NamesFile names = settings.Names.Find(parsed, session, path);
        return new SweepPlan(settings, SweepGrid.Create(settings.Request), names, names.Source, []);
    }

    /// <summary>Plans a sweep that goes on.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to tell what differs, and to show that it takes long.</param>
    /// <param name="path">The folder of the sweep.</param>
    public static SweepPlan Resume(ParseResult parsed, Session session, string path)
    {
        SweepRules.CheckGoesOn(parsed, path, SweepRules.OfNewSweep);
        SweepSettings settings = SweepFolder.ReadSettings(path);
        if (settings.JoinedParts is { } parts)
        {
            throw new InvalidRequestException(
                $"'{path}' is trained in {parts} parts: go on with one of them, such as {new SweepPart(1, parts).FolderIn(path)}, or with "
                + $"all by --slurm {parts}");
        }
        SweepGrid grid = SweepGrid.Create(settings.Request);
        NamesFile names = settings.Names.Find(parsed, session, path);
        bool isElsewhere = parsed.FirstGiven([CommonOptions.Accelerator, StrategyOptions.PrecisionName]) is not null;
        string asked = isElsewhere ? parsed.GetValue(CommonOptions.Accelerator)! : settings.Machine.Accelerator;
        string precision = isElsewhere ? parsed.GetValue(StrategyOptions.PrecisionName)! : settings.Machine.Precision;
        bool isOther = parsed.FirstGiven([StrategyOptions.StrategyName]) is not null;
        string strategy = isOther ? parsed.GetValue(StrategyOptions.StrategyName)! : settings.Machine.Strategy;
        int? threads = StrategyOptions.ThreadsOf(parsed) ?? settings.Machine.Threads;
        IReadOnlyList<SweepAccelerator> accelerators = SweepAccelerator.Start(parsed, asked, precision, strategy, threads);
        return Begin(session, accelerators, () =>
        {
            SweepMachine machine = SweepAccelerator.Together(accelerators, strategy, threads);
            machine.TellOther(session, settings.Machine);
            string description = $"{names.Source} ({Format.Counted(names.Names.Count, "name")})";
            return new SweepPlan(settings with { Machine = machine }, grid, names, description, accelerators);
        });
    }

    /// <summary>A network with all its settings.</summary>
    /// <param name="number">Which one, from 0.</param>
    public SweptNetwork Network(int number) => Grid.Resolve(number, DataOf);

    /// <summary>The command line that trains a network again.</summary>
    /// <param name="number">Which one, from 0.</param>
    public string CommandOf(int number) =>
        ProgramCall.With(["train", .. new NetworkCall([.. Settings.Names.Options, .. Settings.Request.Fixed], Grid[number]).Arguments]);

    /// <summary>What networks of a context are trained on.</summary>
    /// <param name="context">T.</param>
    public Dataset DataOf(int context)
    {
        // Each accelerator asks for it when it keeps networks.
        lock (data)
        {
            if (!data.TryGetValue(context, out Dataset? known))
            {
                SizeLimits.CheckContext(context);
                data.Add(context, known = Dataset.Create(names, context));
            }
            return known;
        }
    }

    /// <summary>Parts networks into those that an accelerator trains at once.</summary>
    /// <param name="numbers">The networks.</param>
    public IEnumerable<IReadOnlyList<int>> Waves(IEnumerable<int> numbers) =>
        Accelerators[0].Trainer().Waves(numbers, SettingsOf, Accelerators.Count);

    /// <summary>The settings of a network and its vocabulary's size, by which networks are put together.</summary>
    /// <param name="number">Which one, from 0.</param>
    public (Configuration Configuration, int Vocabulary) SettingsOf(int number)
    {
        Configuration configuration = Network(number).Configuration;
        return (configuration, DataOf(configuration.Recipe.Context).Vocabulary.Count);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (SweepAccelerator accelerator in Accelerators)
        {
            accelerator.Dispose();
        }
    }

    static SweepPlan Begin(Session session, IReadOnlyList<SweepAccelerator> accelerators, Func<SweepPlan> plan)
    {
        try
        {
            SweepPlan planned = plan();
            planned.CheckAll(session);
            return planned;
        }
        catch
        {
            foreach (SweepAccelerator accelerator in accelerators)
            {
                accelerator.Dispose();
            }
            throw;
        }
    }

    // What cannot be trained is named before anything starts.
    void CheckAll(Session session)
    {
        using var progress = SlowWork.Of(session, "networks checked", Grid.Count);
        int? steps = null;
        for (int number = 0; number < Grid.Count; number++)
        {
            session.Cancellation.ThrowIfCancellationRequested();
            (Configuration configuration, int vocabulary) = SettingsOf(number);
            try
            {
                foreach (SweepAccelerator accelerator in Accelerators)
                {
                    accelerator.Check(configuration.Recipe, vocabulary);
                }
            }
            catch (InvalidRequestException fault)
            {
                throw Grid.Refuse(number, fault);
            }
            if (Settings.IsHalving && (steps ??= configuration.Steps) != configuration.Steps)
            {
                throw new InvalidRequestException(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{SweepRunOptions.Halving.Name} compares networks after the same steps, and network 0 is to have {steps}, network "
                    + $"{number} {configuration.Steps}: give {NetworkOptions.Steps.Name}"));
            }
            progress.Report(1);
        }
    }
}
