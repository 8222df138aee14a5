using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>
/// The folder of a run, while it is written: its settings, the loss of every step, what a watch saw, checkpoints, and the model, which
/// comes last. Where a file cannot be written, that is told once, and training goes on.
/// </summary>
sealed class RunFolder : IDisposable
{
    /// <summary>The file of settings.</summary>
    public const string ConfigurationFile = "config.json";

    /// <summary>The file of losses, one JSON object on each line.</summary>
    public const string MetricsFile = "metrics.jsonl";

    /// <summary>The file of what a watch saw, one JSON object on each line.</summary>
    public const string DiagnosticsFile = "diagnostics.jsonl";

    /// <summary>
    /// The file of the statistics that calibration has replaced, beside the calibrated ones: a normalization on each line.
    /// </summary>
    public const string StatisticsFile = "statistics.jsonl";

    /// <summary>The file of what came of the run.</summary>
    public const string ResultFile = "result.json";

    /// <summary>The file of losses as a table, where that was asked for.</summary>
    public const string CsvFile = "metrics.csv";

    /// <summary>The file of losses for TensorBoard, where that was asked for. TensorBoard knows it by the middle of its name.</summary>
    public const string EventsFile = "events.out.tfevents.makemore";

    /// <summary>The file of the model.</summary>
    public const string ModelFileName = "model.safetensors";

    /// <summary>The file of the checkpoint with the lowest dev loss.</summary>
    public const string BestFile = "best.safetensors";

    /// <summary>The folder of the checkpoints.</summary>
    public const string CheckpointsFolder = "checkpoints";

    readonly FolderLock held;
    readonly Session session;
    readonly LossLog losses;
    readonly HashSet<string> told = [];

    RunFolder(string path, Session session, FolderLock held, LossLog losses)
    {
        Path = path;
        this.session = session;
        this.held = held;
        this.losses = losses;
    }

    /// <summary>The files that a run writes.</summary>
    public static IReadOnlyList<string> Files { get; } =
        [ConfigurationFile, MetricsFile, DiagnosticsFile, StatisticsFile, ModelFileName, BestFile, ResultFile, CsvFile, EventsFile];

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The file of losses.</summary>
    public string Metrics => In(MetricsFile);

    /// <summary>The file of losses for TensorBoard.</summary>
    public string Events => In(EventsFile);

    /// <summary>The file of the model.</summary>
    public string Model => In(ModelFileName);

    /// <summary>The checkpoint with the lowest dev loss.</summary>
    public string Best => In(BestFile);

    /// <summary>The checkpoints.</summary>
    public CheckpointFolder Checkpoints => CheckpointsOf(Path);

    /// <summary>The checkpoints of a run.</summary>
    /// <param name="path">The folder of the run.</param>
    public static CheckpointFolder CheckpointsOf(string path) => new(System.IO.Path.Combine(path, CheckpointsFolder));

    /// <summary>Makes the folder and its first files. What an earlier run left in the same folder goes when they are written.</summary>
    /// <param name="session">Where to tell what cannot be written.</param>
    /// <param name="asked">The folder that was asked for; null for <c>runs/NAME-N</c> with the next free N.</param>
    /// <param name="name">What is run, for the name.</param>
    /// <param name="force">Whether the folder that was asked for may be there.</param>
    /// <param name="settings">Every resolved setting, as JSON, for the folder.</param>
    /// <param name="schedule">Which losses are written.</param>
    /// <param name="start">The network before the first step, for the folder.</param>
    public static RunFolder Create(
        Session session, string? asked, string name, bool force, Func<string, string> settings, LossSchedule schedule,
        Func<string, ModelFile> start) =>
        OutputFolder.Create(asked, name, force, path => Take(path, session, () =>
        {
            // First what is largest: where that finds no space, all is as it was.
            CheckpointsOf(path).Write(start(path));
            WriteSettings(path, settings(path));
            OutputFolder.Clear(path, ModelFileName, BestFile, DiagnosticsFile, StatisticsFile, ResultFile, CsvFile, EventsFile);
            var losses = LossLog.Create(System.IO.Path.Combine(path, MetricsFile), schedule);
            DurableFile.FlushFolder(path);
            DurableFile.FlushFolder(System.IO.Path.Combine(path, ".."));
            return losses;
        }));

    /// <summary>Opens the folder of a run that goes on.</summary>
    /// <param name="session">Where to tell what cannot be written.</param>
    /// <param name="path">The folder.</param>
    /// <param name="settings">Every resolved setting, as JSON.</param>
    /// <param name="schedule">Which losses are written.</param>
    /// <param name="step">The step that it goes on with: what was written of it and of later ones goes.</param>
    public static RunFolder Reopen(Session session, string path, string settings, LossSchedule schedule, int step) =>
        OutputFolder.Create(path, path, force: true, folder => Take(folder, session, () =>
        {
            WriteSettings(folder, settings);
            // It is no longer so.
            File.Delete(RunResult.FileIn(folder));
            // What a killed program has left.
            foreach (string file in Files)
            {
                File.Delete(System.IO.Path.Combine(folder, file + DurableFile.PartialEnding));
            }
            StepLog.Truncate(System.IO.Path.Combine(folder, DiagnosticsFile), step);
            string metrics = System.IO.Path.Combine(folder, MetricsFile);
            StepLog.Truncate(metrics, step);
            return LossLog.Append(metrics, schedule);
        }));

    /// <summary>Writes what a watch saw.</summary>
    /// <param name="seen">What it saw.</param>
    public void Write(WatchedStep seen) => TryLog(
        In(DiagnosticsFile), path => File.AppendAllText(path, JsonSerializer.Serialize(seen, FinishedRun.Json) + "\n"));

    /// <summary>Writes the statistics that calibration has replaced.</summary>
    /// <param name="comparisons">Both, for each normalization.</param>
    public void Write(IReadOnlyList<StatisticsComparison> comparisons) => Try(In(StatisticsFile), path => DurableFile.Write(path, file =>
    {
        using var lines = new StreamWriter(file, leaveOpen: true);
        foreach (StatisticsComparison comparison in comparisons)
        {
            lines.Write(JsonSerializer.Serialize(comparison, FinishedRun.Json) + "\n");
        }
    }));

    /// <summary>Writes what came of the run.</summary>
    /// <param name="result">The result.</param>
    public void Write(RunResult result) => Try(In(ResultFile), result.Write);

    /// <summary>Writes the losses that were written down as a table.</summary>
    public void WriteCsv() => Try(In(CsvFile), path => MetricsCsv.Write(path, Path));

    /// <summary>Writes the losses of some steps.</summary>
    /// <param name="results">The steps.</param>
    public void Write(IReadOnlyList<StepResult> results) => TryLog(Metrics, _ => losses.Write(results));

    /// <summary>Hands what was written to the system, so that it outlives the program.</summary>
    public void FlushLosses() => TryLog(Metrics, _ => losses.Flush());

    /// <summary>Brings the losses that were handed to the system to the disk.</summary>
    public void SyncLosses() => Try(Metrics, DurableFile.Flush);

    /// <summary>Tries to write a file; where that fails, says so, once for each file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="write">Writes it.</param>
    /// <returns>Whether it was written.</returns>
    public bool Try(string file, Action<string> write)
    {
        try
        {
            write(file);
            return true;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidRequestException)
        {
            lock (told)
            {
                if (told.Add(file))
                {
                    session.Note($"note: '{file}' cannot be written ({Explanation.ReasonOf(fault)}): training goes on without it");
                }
            }
            return false;
        }
    }

    /// <summary>Tries to go on with a file, unless that has failed before: what follows a part of a line could not be read.</summary>
    /// <param name="file">The file.</param>
    /// <param name="write">Writes to it.</param>
    public void TryLog(string file, Action<string> write)
    {
        lock (told)
        {
            if (told.Contains(file))
            {
                return;
            }
        }
        Try(file, write);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Try(Metrics, _ => losses.Dispose());
        held.Dispose();
    }

    string In(string file) => System.IO.Path.Combine(Path, file);

    static RunFolder Take(string path, Session session, Func<LossLog> open)
    {
        FolderLock held = FolderLock.Take(path);
        try
        {
            return new RunFolder(path, session, held, open());
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    static void WriteSettings(string path, string settings) => DurableFile.Write(
        System.IO.Path.Combine(path, ConfigurationFile), file => file.Write(System.Text.Encoding.UTF8.GetBytes(settings + "\n")));
}
