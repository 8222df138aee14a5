using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>A run folder, read again.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Model">The model; of a run that has not come to its end, its last checkpoint.</param>
/// <param name="Metrics">The losses that were written down, up to there.</param>
/// <param name="Looks">What a watch saw; none where the run was not watched.</param>
/// <param name="Calibration">
/// The statistics that calibration has replaced, beside the calibrated ones; none where the recipe does not calibrate.
/// </param>
sealed record FinishedRun(
    string Path, ModelFile Model, IReadOnlyList<StepResult> Metrics, IReadOnlyList<WatchedStep> Looks,
    IReadOnlyList<StatisticsComparison> Calibration)
{
    /// <summary>How the lines of a run folder are written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>Reads a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="note">Told what is not as it should be, in a line.</param>
    /// <exception cref="InvalidRequestException">It is not the folder of a run; the message says what is missing.</exception>
    public static FinishedRun Read(string path, Action<string> note)
    {
        if (!Directory.Exists(path))
        {
            throw new InvalidRequestException($"there is no run folder '{path}': give --run a folder that the command train wrote");
        }
        string modelFile = System.IO.Path.Combine(path, RunFolder.ModelFileName);
        bool isFinished = File.Exists(modelFile);
        CheckpointFolder checkpoints = RunFolder.CheckpointsOf(path);
        if (!isFinished && checkpoints.Files.Count == 0)
        {
            throw new InvalidRequestException(
                $"'{path}' holds neither {RunFolder.ModelFileName} nor a checkpoint: give --run the folder of a run");
        }
        if (!File.Exists(System.IO.Path.Combine(path, RunFolder.MetricsFile)))
        {
            throw new InvalidRequestException($"'{path}' holds no {RunFolder.MetricsFile}: give --run the folder of a run");
        }
        ModelFile model = isFinished ? ModelFile.Read(modelFile) : checkpoints.ReadNewest(note);
        if (!isFinished)
        {
            note($"the run '{path}' has not come to its end: this is its checkpoint after {model.Step} steps");
        }
        return new FinishedRun(
            path,
            model,
            [.. Lines<StepResult>(path, RunFolder.MetricsFile).Where(result => isFinished || result.Step < model.Step)],
            [.. Lines<WatchedStep>(path, RunFolder.DiagnosticsFile).Where(look => isFinished || look.Step < model.Step)],
            [.. Lines<StatisticsComparison>(path, RunFolder.StatisticsFile)]);
    }

    // Nothing where the run has no such file.
    static IEnumerable<T> Lines<T>(string path, string file)
    {
        string whole = System.IO.Path.Combine(path, file);
        int number = 0;
        foreach (string line in File.Exists(whole) ? File.ReadLines(whole) : [])
        {
            number++;
            T? value;
            try
            {
                value = JsonSerializer.Deserialize<T>(line, Json);
            }
            catch (JsonException fault)
            {
                throw new InvalidRequestException($"'{whole}' line {number} cannot be read: train again", fault);
            }
            yield return value ?? throw new InvalidRequestException($"'{whole}' line {number} is empty: train again");
        }
    }
}
