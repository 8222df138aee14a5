using System.Globalization;
using System.Text.Json;
using System.Text.Unicode;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Output;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>The folder of a run, while it is written: its settings, the loss of every step, what a watch saw, and the model.</summary>
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

    /// <summary>The file of the model.</summary>
    public const string ModelFile = "model.safetensors";

    const int BufferBytes = 1 << 16;

    // Three numbers and their names.
    const int LongestLine = 128;

    readonly FolderLock held;
    readonly FileStream metrics;
    readonly int logEvery;

    RunFolder(string path, string settings, int logEvery)
    {
        Path = path;
        this.logEvery = logEvery;
        held = FolderLock.Take(path);
        try
        {
            // Files of an earlier run would show another model.
            OutputFolder.Clear(path, ModelFile, DiagnosticsFile, StatisticsFile);
            File.WriteAllText(System.IO.Path.Combine(path, ConfigurationFile), settings + "\n");
            metrics = new FileStream(Metrics, FileMode.Create, FileAccess.Write, FileShare.Read, BufferBytes);
        }
        catch
        {
            held.Dispose();
            throw;
        }
    }

    /// <summary>The files that a run writes.</summary>
    public static IReadOnlyList<string> Files { get; } = [ConfigurationFile, MetricsFile, DiagnosticsFile, StatisticsFile, ModelFile];

    /// <summary>The folder.</summary>
    public string Path { get; }

    /// <summary>The file of losses.</summary>
    public string Metrics => System.IO.Path.Combine(Path, MetricsFile);

    /// <summary>The file of the model.</summary>
    public string Model => System.IO.Path.Combine(Path, ModelFile);

    /// <summary>Makes the folder and its first files; what an earlier run left in the same folder goes.</summary>
    /// <param name="asked">The folder that was asked for; null for <c>runs/NAME-N</c> with the next free N.</param>
    /// <param name="name">What is run, for the name.</param>
    /// <param name="force">Whether the folder that was asked for may be there.</param>
    /// <param name="settings">Every resolved setting, as JSON.</param>
    /// <param name="logEvery">Every how many steps a loss is written.</param>
    public static RunFolder Create(string? asked, string name, bool force, string settings, int logEvery) =>
        OutputFolder.Create(asked, name, force, path => new RunFolder(path, settings, logEvery));

    /// <summary>Writes what a watch saw.</summary>
    /// <param name="seen">What it saw.</param>
    public void Write(WatchedStep seen) =>
        File.AppendAllText(System.IO.Path.Combine(Path, DiagnosticsFile), JsonSerializer.Serialize(seen, FinishedRun.Json) + "\n");

    /// <summary>Writes the statistics that calibration has replaced.</summary>
    /// <param name="comparisons">Both, for each normalization.</param>
    public void Write(IReadOnlyList<StatisticsComparison> comparisons) =>
        File.WriteAllLines(
            System.IO.Path.Combine(Path, StatisticsFile),
            comparisons.Select(comparison => JsonSerializer.Serialize(comparison, FinishedRun.Json)));

    /// <summary>Writes the losses of some steps.</summary>
    /// <param name="results">The steps.</param>
    public void Write(IReadOnlyList<StepResult> results)
    {
        Span<byte> line = stackalloc byte[LongestLine];
        foreach (StepResult result in results)
        {
            if (result.Step % logEvery == 0)
            {
                // JSON has no word for what is not a number.
                float? loss = float.IsFinite(result.Loss) ? result.Loss : null;
                Utf8.TryWrite(
                    line, CultureInfo.InvariantCulture,
                    $"{{\"step\":{result.Step},\"loss\":{loss}{(loss is null ? "null" : "")},\"learning_rate\":{result.LearningRate}}}\n",
                    out int length);
                metrics.Write(line[..length]);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        metrics.Dispose();
        held.Dispose();
    }
}
