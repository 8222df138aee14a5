using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
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
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>What a run of training has done.</summary>
/// <param name="Steps">The steps that were completed.</param>
/// <param name="StepsPerSecond">The speed of the training loop.</param>
/// <param name="Folder">The run folder.</param>
/// <param name="Model">The file of the model.</param>
/// <param name="Metrics">The file of losses.</param>
sealed record TrainingOutcome(int Steps, double StepsPerSecond, string Folder, string Model, string Metrics);

/// <summary>A run of training, from the options of a command to the files of its folder.</summary>
sealed class TrainingJob : IDisposable
{
    static readonly JsonSerializerOptions SettingsJson = new() { WriteIndented = true };

    readonly Session session;
    readonly StartedAccelerator started;
    readonly NamesFile names;
    readonly string namesDescription;
    readonly string? path;
    readonly bool force;
    readonly int logEvery;
    readonly int? watchEvery;
    readonly int? printEvery;

    /// <summary>Prepares a run: everything that can be wrong is found before anything is written.</summary>
    /// <param name="parsed">
    /// The call, with the options of <see cref="NetworkOptions"/>, <see cref="ProgressOptions"/> and <see cref="StrategyOptions"/>.
    /// </param>
    /// <param name="session">Where to show it.</param>
    /// <param name="path">The run folder; null for the next free one.</param>
    /// <param name="force">Whether the folder may exist.</param>
    /// <param name="logEvery">Every how many steps the loss is written down.</param>
    /// <param name="isWatched">Whether to look at saturation and updates in between.</param>
    public TrainingJob(ParseResult parsed, Session session, string? path, bool force, int logEvery, bool isWatched)
    {
        this.session = session;
        this.logEvery = logEvery;
        Recipe recipe = NetworkOptions.ResolveRecipe(parsed);
        this.path = path;
        this.force = force;
        OutputFolder.CheckFree(path, force, RunFolder.Files);
        string? asked = parsed.GetValue(DataOptions.Data);
        names = NamesLocation.Read(asked, DataOptions.Resolve(parsed));
        namesDescription = NamesLocation.Describe(names, asked);
        Data = Dataset.Create(names, recipe.Context);
        Configuration = NetworkOptions.Resolve(parsed, recipe, Data);
        watchEvery = ProgressOptions.ResolveWatchEvery(parsed, isWatched, Configuration.Steps);
        printEvery = ProgressOptions.ResolvePrintEvery(parsed);
        started = StrategyOptions.Start(parsed);
        try
        {
            Strategy = StrategyOptions.Resolve(parsed, started, recipe, Data.Vocabulary.Count);
            Network = new Mlp(Kernels, recipe, Data.Vocabulary.Count);
        }
        catch
        {
            started.Dispose();
            throw;
        }
    }

    /// <summary>The settings.</summary>
    public Configuration Configuration { get; }

    /// <summary>What is trained on.</summary>
    public Dataset Data { get; }

    /// <summary>The device.</summary>
    public FoundDevice Device => started.Found;

    /// <summary>The kernels.</summary>
    public KernelSet Kernels => started.Kernels;

    /// <summary>How a step is run.</summary>
    public Strategy Strategy { get; }

    /// <summary>The network.</summary>
    public Mlp Network { get; }

    /// <summary>Trains, and writes the run folder.</summary>
    /// <exception cref="InterruptedException">It was interrupted; the model is written all the same.</exception>
    public TrainingOutcome Train()
    {
        TorchGenerator generator = Network.Draw(Configuration.Seeds);
        Describe();
        // Reading a large list leaves as much behind as it keeps.
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using RunFolder folder = RunFolder.Create(path, Configuration.Recipe.Name, force, Settings(), logEvery);
        session.Text.WriteLine($"run folder   {folder.Path}");
        using TrainingWatch? watch = watchEvery is { } every ? Watch(every, folder) : null;
        var trainer = new Trainer(Kernels, Network, Configuration, generator, Strategy) { Watch = watch };
        Show(trainer, show => trainer.Run(
            Data.Train,
            results =>
            {
                folder.Write(results);
                show(results);
            },
            session.Cancellation));
        if (Configuration.Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            folder.Write(Calibration.Calibrate(Kernels, Network, Strategy, Data.Train));
        }
        ModelFile.Of(Network, Configuration, Data, trainer.StepsDone).Write(folder.Model);
        if (session.Cancellation.IsCancellationRequested)
        {
            throw new InterruptedException(
                $"interrupted after {Format.Count(trainer.StepsDone)} steps: the model as it is stands in {folder.Model}");
        }
        if (trainer.StepsPerSecond > 0)
        {
            session.Text.WriteLine($"speed        {Format.Count((long)trainer.StepsPerSecond)} steps/s");
        }
        session.Text.WriteLine($"model        {folder.Model}");
        return new TrainingOutcome(trainer.StepsDone, trainer.StepsPerSecond, folder.Path, folder.Model, folder.Metrics);
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
            started.Dispose();
        }
    }

    void Describe()
    {
        Recipe recipe = Configuration.Recipe;
        session.Text.WriteLine($"names        {namesDescription}");
        if (DataNotes.Changes(names.Report, names.Format) is { } changes)
        {
            session.Text.WriteLine($"text         {changes}");
        }
        if (DataNotes.Repeats(Data) is { } repeats)
        {
            session.Text.WriteLine($"repeats      {repeats}");
        }
        IEnumerable<string> splits = Data.Splits.Select(part => $"{part.Name} {Format.Count(part.Split.Count)}");
        session.Text.WriteLine($"examples     {string.Join(", ", splits)}");
        session.Text.WriteLine($"accelerator  {Device.Name}, {Device.Description}");
        session.Text.WriteLine(
            $"recipe       {recipe.Name}, {Format.Count(Network.ParameterCount)} parameters, {Format.Count(Configuration.Steps)} steps");
    }

    void Show(Trainer trainer, Action<Action<IReadOnlyList<StepResult>>> train)
    {
        if (printEvery is { } every)
        {
            new StepLines(session, Configuration.Steps, every).Show(train);
        }
        else
        {
            new TrainingProgress(session, Configuration.Steps, trainer).Show(train);
        }
    }

    TrainingWatch Watch(int every, RunFolder folder) => new(Kernels, Network, Data.Train, every) { Seen = folder.Write };

    // The configuration, and what lies outside of the model.
    string Settings()
    {
        JsonNode settings = JsonNode.Parse(Configuration.ToJson())!;
        settings["data_source"] = names.Source;
        settings["data_sha256"] = names.Sha256;
        settings["data_format"] = JsonNode.Parse(names.Format.ToJson());
        settings["accelerator"] = Device.Name;
        settings["strategy"] = Strategy.Name;
        settings["threads"] = Strategy.Threads;
        settings["precision"] = Kernels.Launcher.Precision.Name();
        settings["vectors"] = Kernels.Vectors;
        settings["log_every"] = logEvery;
        return settings.ToJsonString(SettingsJson);
    }
}
