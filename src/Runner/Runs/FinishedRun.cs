using System.Text.Json;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Training;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>A run folder, read again.</summary>
/// <param name="Path">The folder.</param>
/// <param name="Model">The model.</param>
/// <param name="Metrics">The losses that were written down.</param>
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
    /// <exception cref="InvalidRequestException">
    /// It is not the folder of a run that came to its end; the message says what is missing.
    /// </exception>
    public static FinishedRun Read(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new InvalidRequestException($"there is no run folder '{path}': give --run a folder that the command train wrote");
        }
        foreach (string file in new[] { RunFolder.ModelFileName, RunFolder.MetricsFile })
        {
            if (!File.Exists(System.IO.Path.Combine(path, file)))
            {
                throw new InvalidRequestException($"'{path}' holds no {file}: give --run the folder of a run that came to its end");
            }
        }
        return new FinishedRun(
            path,
            ModelFile.Read(System.IO.Path.Combine(path, RunFolder.ModelFileName)),
            [.. Lines<StepResult>(path, RunFolder.MetricsFile)],
            [.. Lines<WatchedStep>(path, RunFolder.DiagnosticsFile)],
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
