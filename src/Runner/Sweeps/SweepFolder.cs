using System.Globalization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>
/// The folder of a sweep: its results, models, and checkpoints of networks that are on their way. One process writes to it at a time.
/// </summary>
sealed class SweepFolder : IDisposable
{
    /// <summary>The file of results.</summary>
    public const string ResultsFile = "sweep.sqlite";

    /// <summary>The file of the best model.</summary>
    public const string ModelFileName = "model.safetensors";

    const string ModelsFolder = "models";
    const string CheckpointsFolder = "checkpoints";

    readonly FolderLock held;

    SweepFolder(string path, FolderLock held, SweepStore store)
    {
        Path = path;
        this.held = held;
        Store = store;
    }

    /// <summary>The files that a sweep writes.</summary>
    public static IReadOnlyList<string> Files { get; } = [ResultsFile, ModelFileName, OutputFolder.ReportFile];

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The results.</summary>
    public SweepStore Store { get; }

    /// <summary>The file of the best model.</summary>
    public string BestModel => In(ModelFileName);

    /// <summary>Makes the folder of a new sweep. What an earlier one left in the same folder goes.</summary>
    /// <param name="asked">The folder that was asked for; null for the next free one.</param>
    /// <param name="force">Whether it may be there.</param>
    /// <param name="settings">The settings.</param>
    public static SweepFolder Create(string? asked, bool force, SweepSettings settings) =>
        OutputFolder.Create(asked, "sweep", force, path => Take(path, () => Begin(path, settings)));

    /// <summary>Makes the folder of a part, or opens it where it is there: a task that is started again goes on.</summary>
    /// <param name="sweep">The folder of the sweep.</param>
    /// <param name="settings">The settings, with the part.</param>
    /// <exception cref="InvalidRequestException">Another sweep is there, or another process works on the part.</exception>
    public static SweepFolder OfPart(string sweep, SweepSettings settings)
    {
        CheckSame(sweep, settings, stored => stored.JoinedParts == settings.Part!.Count);
        return OutputFolder.Create(settings.Part!.FolderIn(sweep), "sweep", force: true, path => Take(path, () =>
        {
            CheckSame(path, settings, stored => stored.Part == settings.Part);
            return HasResults(path) ? SweepStore.Open(ResultsOf(path)) : Begin(path, settings);
        }));
    }

    /// <summary>Opens the folder of a sweep that goes on.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="InvalidRequestException">There is no sweep, or another process works on it.</exception>
    public static SweepFolder Reopen(string path)
    {
        CheckThere(path);
        return Take(path, () => SweepStore.Open(ResultsOf(path)));
    }

    /// <summary>The settings of a sweep.</summary>
    /// <param name="path">Its folder.</param>
    /// <exception cref="InvalidRequestException">There is no sweep, or it cannot be read.</exception>
    public static SweepSettings ReadSettings(string path)
    {
        CheckThere(path);
        using var store = SweepStore.Read(ResultsOf(path));
        return SweepSettings.Read(ResultsOf(path), store.Description);
    }

    /// <summary>Whether results are in a folder, though it may be of no network yet.</summary>
    /// <param name="path">The folder.</param>
    public static bool HasResults(string path) => File.Exists(ResultsOf(path));

    /// <summary>The file of results in a folder.</summary>
    /// <param name="path">The folder.</param>
    public static string ResultsOf(string path) => System.IO.Path.Combine(path, ResultsFile);

    /// <summary>The file of a network's model.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="number">The network.</param>
    public static string ModelOf(string path, int number) => System.IO.Path.Combine(path, ModelsFolder, FileOf(number));

    /// <summary>Refuses the results of another sweep, where some are in a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="settings">The settings of the sweep.</param>
    /// <param name="isSamePart">Whether they are of the networks that they must be of.</param>
    public static void CheckSame(string path, SweepSettings settings, Predicate<SweepSettings> isSamePart)
    {
        if (HasResults(path) && ReadSettings(path) is var stored && !(stored.AreOfSweep(settings) && isSamePart(stored)))
        {
            throw new InvalidRequestException($"'{path}' holds another sweep: give another --run, or the settings that it was begun with");
        }
    }

    /// <summary>The file of a network's model.</summary>
    /// <param name="number">The network.</param>
    public string ModelOf(int number) => ModelOf(Path, number);

    /// <summary>Writes a network's model.</summary>
    /// <param name="number">The network.</param>
    /// <param name="model">The model.</param>
    public void WriteModel(int number, ModelFile model) => Write(ModelOf(number), model);

    /// <summary>The checkpoint of a network that is on its way; null where there is none.</summary>
    /// <param name="number">The network.</param>
    public ModelFile? ReadCheckpoint(int number) => File.Exists(CheckpointOf(number)) ? ModelFile.Read(CheckpointOf(number)) : null;

    /// <summary>Writes the checkpoint of a network that is on its way.</summary>
    /// <param name="number">The network.</param>
    /// <param name="checkpoint">The checkpoint.</param>
    public void WriteCheckpoint(int number, ModelFile checkpoint) => Write(CheckpointOf(number), checkpoint);

    /// <summary>Deletes the checkpoint of a network that has ended.</summary>
    /// <param name="number">The network.</param>
    public void DeleteCheckpoint(int number)
    {
        if (Directory.Exists(In(CheckpointsFolder)))
        {
            File.Delete(CheckpointOf(number));
        }
    }

    /// <summary>Keeps one model alone, as the best one.</summary>
    /// <param name="number">The network.</param>
    public void KeepBest(int number) => DurableFile.Write(BestModel, file =>
    {
        using FileStream model = File.OpenRead(ModelOf(number));
        model.CopyTo(file);
    });

    /// <summary>Deletes a model that another one has replaced as the best.</summary>
    /// <param name="number">The network.</param>
    public void DeleteModel(int number) => File.Delete(ModelOf(number));

    /// <summary>Deletes the folder of checkpoints, where none is left in it.</summary>
    public void Clear()
    {
        string folder = In(CheckpointsFolder);
        if (Directory.Exists(folder) && !Directory.EnumerateFileSystemEntries(folder).Any())
        {
            Directory.Delete(folder);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Store.Dispose();
        held.Dispose();
    }

    static void CheckThere(string path)
    {
        if (!HasResults(path))
        {
            throw new InvalidRequestException($"there is no sweep in '{path}': give --resume a folder that the command sweep wrote");
        }
    }

    static SweepStore Begin(string path, SweepSettings settings)
    {
        OutputFolder.Clear(path, ModelFileName, ResultsFile, ResultsFile + SweepStore.JournalEnding);
        foreach (string folder in new[] { ModelsFolder, CheckpointsFolder }.Select(name => System.IO.Path.Combine(path, name)))
        {
            if (Directory.Exists(folder))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
        SweepStore.Write(ResultsOf(path), settings.ToJson(), []);
        return SweepStore.Open(ResultsOf(path));
    }

    static SweepFolder Take(string path, Func<SweepStore> open)
    {
        FolderLock held = FolderLock.Take(path);
        try
        {
            return new SweepFolder(path, held, open());
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    // Of a part, too, the models are those of the whole sweep.
    void Write(string path, ModelFile model)
    {
        string sweep = SweepPart.OfFolder(Path) is null ? Path : System.IO.Path.Combine(Path, "..");
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        (model with { DataSource = DataSource.From(model.DataSource, sweep) }).Write(path);
    }

    string CheckpointOf(int number) => In(CheckpointsFolder, FileOf(number));

    string In(params string[] parts) => System.IO.Path.Combine([Path, .. parts]);

    static string FileOf(int number) => string.Create(CultureInfo.InvariantCulture, $"{number}.safetensors");
}
