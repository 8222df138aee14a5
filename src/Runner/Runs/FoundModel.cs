using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// The model that a call means: a file, the folder of a run, by its path or by its name in the folder of runs, or the latest run, where the
/// call names none. All commands find it here.
/// </summary>
static class FoundModel
{
    /// <summary>Reads the model that is meant.</summary>
    /// <param name="asked">A model's file, or a folder that a run or a sweep has written; null for the latest of them.</param>
    /// <param name="session">Where to say which one is the latest, and that a run has only a checkpoint.</param>
    /// <exception cref="InvalidRequestException">There is none, or it cannot be read.</exception>
    public static ModelFile Read(string? asked, Session session)
    {
        string path = asked ?? Tell(Latest(HasModel), session);
        return PathOf(path) is var folder && Directory.Exists(folder)
            ? ReadOf(folder, "--model", note => session.Note($"note: {note}"))
            : ModelFile.Read(path);
    }

    /// <summary>The folder of the run that is meant.</summary>
    /// <param name="asked">The folder; null for the latest run.</param>
    /// <param name="session">Where to say which one is the latest.</param>
    /// <exception cref="InvalidRequestException">None was named, and there is none.</exception>
    public static string FolderOf(string? asked, Session session) => asked is null ? Tell(Latest(IsRun), session) : PathOf(asked);

    /// <summary>Whether there is a run that a call without one means.</summary>
    public static bool HasLatestRun => Find(IsRun) is not null;

    /// <summary>Reads the model of a folder; of a run that has not come to its end, its last checkpoint.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="option">The option that named it, for the message.</param>
    /// <param name="note">Told what is not as it should be, in a line.</param>
    /// <exception cref="InvalidRequestException">It holds neither, or it cannot be read.</exception>
    public static ModelFile ReadOf(string folder, string option, Action<string> note)
    {
        string file = Path.Combine(folder, RunFolder.ModelFileName);
        if (File.Exists(file))
        {
            return ModelFile.Read(file);
        }
        CheckpointFolder checkpoints = RunFolder.CheckpointsOf(folder);
        if (checkpoints.Files.Count == 0)
        {
            throw new InvalidRequestException(
                $"'{folder}' holds neither {RunFolder.ModelFileName} nor a checkpoint: give {option} the folder of a run");
        }
        ModelFile checkpoint = checkpoints.ReadNewest(note);
        note($"the run '{Explanation.Shorten(folder)}' has not come to its end: this is its checkpoint after "
            + $"{Format.Counted(checkpoint.Step, "step")}");
        return checkpoint;
    }

    static string Latest(Func<string, bool> isMeant) => Find(isMeant) ?? throw new InvalidRequestException(
        $"no model was named, and there is no run in '{OutputFolder.RunsFolder}': name a model or a run folder, or train one first by "
        + $"{ProgramCall.With("train")}");

    static string Tell(string folder, Session session)
    {
        session.Note($"note: the latest run is taken, {folder}");
        return folder;
    }

    static string? Find(Func<string, bool> isMeant) => Directory.Exists(OutputFolder.RunsFolder)
        ? Directory.EnumerateDirectories(OutputFolder.RunsFolder).Where(isMeant).MaxBy(LastWritten)
        : null;

    // A run may be named as the program names it: batchnorm-1 stands for runs/batchnorm-1.
    static string PathOf(string asked) =>
        !Path.Exists(asked) && Path.Combine(OutputFolder.RunsFolder, asked) is var known && Directory.Exists(known) ? known : asked;

    static bool HasModel(string folder) => ModelsOf(folder).Any();

    static bool IsRun(string folder) => HasModel(folder) && File.Exists(Path.Combine(folder, RunFolder.MetricsFile));

    static DateTime LastWritten(string folder) => ModelsOf(folder).Max(File.GetLastWriteTimeUtc);

    static IEnumerable<string> ModelsOf(string folder) =>
        RunFolder.CheckpointsOf(folder).Files.Append(Path.Combine(folder, RunFolder.ModelFileName)).Where(File.Exists);
}
