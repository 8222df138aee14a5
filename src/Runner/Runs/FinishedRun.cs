using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Live;

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
    // Of a run that wrote down its every loss, there are some 20 MB.
    const long MaxBytes = 1 << 30;

    /// <summary>How the lines of a run folder are written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    // JSON has no word for what is not a number, so that such a loss is written as null.
    static readonly JsonSerializerOptions Reading = new(Json) { Converters = { new NullAsNaN() } };

    /// <summary>Reads a folder.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="note">Told what is not as it should be, in a line.</param>
    /// <exception cref="InvalidRequestException">
    /// It is not the folder of a run, or one of its files is broken; the message says what is missing, and where.
    /// </exception>
    public static FinishedRun Read(string path, Action<string> note)
    {
        if (!Directory.Exists(path))
        {
            throw new InvalidRequestException($"there is no run folder '{path}': give --run a folder that the command train wrote");
        }
        bool isFinished = File.Exists(System.IO.Path.Combine(path, RunFolder.ModelFileName));
        ModelFile model = FoundModel.ReadOf(path, "--run", note);
        if (!File.Exists(System.IO.Path.Combine(path, RunFolder.MetricsFile)))
        {
            throw new InvalidRequestException($"'{path}' holds no {RunFolder.MetricsFile}: give --run the folder of a run");
        }
        var matrices = model.Tensors.Where(tensor => tensor.Value.Shape.Count == 2).Select(tensor => tensor.Key).ToHashSet();
        return new FinishedRun(
            path,
            model,
            [.. ReadMetrics(path)
                .Where(result => isFinished || result.Step < model.Step)],
            [.. Lines<WatchedStep>(path, RunFolder.DiagnosticsFile, look => look.Step >= 0 && matrices.SetEquals(look.UpdateToData.Keys))
                .Where(look => isFinished || look.Step < model.Step)],
            [.. Lines<StatisticsComparison>(
                path, RunFolder.StatisticsFile, comparison => IsPair(comparison.Mean) && IsPair(comparison.Spread))]);

        static bool IsPair(StatisticsPair pair) => pair.Running.Count > 0 && pair.Running.Count == pair.Calibrated.Count;
    }

    /// <summary>Shows how it went.</summary>
    /// <param name="history">Where.</param>
    public void Show(RunHistory history)
    {
        history.Add(Metrics, speed: 0);
        foreach (WatchedStep look in Looks)
        {
            history.Add(look, FlatBounds.Of(Model.Configuration.Recipe.Activation).Condition);
        }
    }

    /// <summary>Reads the losses that a run has written down.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="InvalidRequestException">They are broken; the message says where.</exception>
    public static IEnumerable<StepResult> ReadMetrics(string path) =>
        Lines<StepResult>(path, RunFolder.MetricsFile, result => result.Step >= 0 && result.LearningRate > 0);

    // Nothing where the run has no such file. Of a program that was killed, the end of the last line may be missing: it is left out.
    static IEnumerable<T> Lines<T>(string path, string file, Predicate<T> isOfRun)
        where T : notnull
    {
        string whole = System.IO.Path.Combine(path, file);
        long length = RegularFile.LengthOf(whole);
        if (length > MaxBytes)
        {
            throw new InvalidRequestException($"'{whole}' has {length} bytes and may have {MaxBytes}: shorten it, or train again");
        }
        int number = 0;
        int? torn = null;
        foreach (string line in length > 0 ? File.ReadLines(whole) : [])
        {
            if (torn is not null)
            {
                throw new InvalidRequestException($"'{whole}' line {torn} cannot be read: delete that line, or train again");
            }
            number++;
            if (TryParse<T>(line, out T? value) && isOfRun(value))
            {
                yield return value;
            }
            else if (IsJson(line))
            {
                throw new InvalidRequestException($"'{whole}' line {number} does not fit the model: delete that line, or train again");
            }
            else
            {
                torn = number;
            }
        }
    }

    static bool TryParse<T>(string line, [MaybeNullWhen(false)] out T value)
        where T : notnull
    {
        try
        {
            value = JsonSerializer.Deserialize<T>(line, Reading);
            return value is not null;
        }
        catch (JsonException)
        {
            value = default;
            return false;
        }
    }

    static bool IsJson(string line)
    {
        try
        {
            JsonDocument.Parse(line).Dispose();
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    sealed class NullAsNaN : JsonConverter<float>
    {
        public override bool HandleNull => true;

        public override float Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Null ? float.NaN : JsonSerializer.Deserialize<float>(ref reader, Json);

        public override void Write(Utf8JsonWriter writer, float value, JsonSerializerOptions options) =>
            JsonSerializer.Serialize(writer, value, Json);
    }
}
