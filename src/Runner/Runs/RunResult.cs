using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>How a run ended.</summary>
enum RunEnd
{
    /// <summary>It did all its steps, or lost its patience.</summary>
    Finished = 0,

    /// <summary>It was interrupted.</summary>
    Interrupted = 1,

    /// <summary>Its loss became infinite or not a number.</summary>
    Diverged = 2,
}

/// <summary>What came of a run, as <c>result.json</c> holds it.</summary>
/// <param name="End">How it ended.</param>
/// <param name="Steps">The steps that were completed.</param>
/// <param name="ModelStep">The steps after which the network was as the model has it; null where there is no model.</param>
/// <param name="BestDev">The lowest dev loss on the way; null where none was measured.</param>
/// <param name="StepsPerSecond">The speed of the training loop; 0 where it is not known.</param>
/// <param name="Seconds">How long it took, with what came before where it went on; null where that is not known.</param>
/// <param name="FinishedAt">When it ended.</param>
sealed record RunResult(
    RunEnd End, int Steps, int? ModelStep, DevPoint? BestDev, double StepsPerSecond, double? Seconds, DateTimeOffset FinishedAt)
{
    // The file of a run takes some hundred.
    const long MaxBytes = 1 << 16;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>The losses of the splits by name; null where they were not evaluated.</summary>
    public IReadOnlyDictionary<string, double>? Losses { get; init; }

    /// <summary>The file of a run.</summary>
    /// <param name="folder">The folder of the run.</param>
    public static string FileIn(string folder) => Path.Combine(folder, RunFolder.ResultFile);

    /// <summary>Reads the result of a run.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <returns>The result; null where the run has not ended, or was one of an earlier version, which wrote none.</returns>
    /// <exception cref="InvalidRequestException">It cannot be read.</exception>
    public static RunResult? Read(string folder)
    {
        string path = FileIn(folder);
        if (!File.Exists(path))
        {
            return null;
        }
        try
        {
            return RegularFile.LengthOf(path) is > 0 and <= MaxBytes
                ? JsonSerializer.Deserialize<RunResult>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null")
                : throw new JsonException("its size is not that of a result");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidRequestException($"'{path}' cannot be read ({Explanation.ReasonOf(fault)}): delete it", fault);
        }
    }

    /// <summary>Writes it.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Write(string path) => DurableFile.Write(path, file => JsonSerializer.Serialize(file, this, Json));
}
