using System.Text.Json;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Runs;

/// <summary>What a run works on, and how.</summary>
/// <param name="Accelerator">The device, by its name on the command line.</param>
/// <param name="Device">The device, in words.</param>
/// <param name="Strategy">The form of a step.</param>
/// <param name="Threads">The threads that share a step; null for auto.</param>
/// <param name="Precision">The precision of matrix products.</param>
/// <param name="Vectors">The vectors of the kernels.</param>
sealed record RunMachine(string Accelerator, string Device, string Strategy, int? Threads, string Precision, string Vectors)
{
    /// <summary>Whether another one gives the same bits: all but the number of threads counts.</summary>
    /// <param name="other">The other one.</param>
    public bool GivesTheBitsOf(RunMachine other) => this with { Threads = other.Threads } == other;

    /// <inheritdoc/>
    public override string ToString() => $"{Accelerator} ({Device}), {Strategy}, {Precision}, {Vectors}";
}

/// <summary>Every setting of a run, as <c>config.json</c> holds it.</summary>
/// <param name="Configuration">The settings of the training.</param>
/// <param name="Machine">What it works on, and how.</param>
/// <param name="Schedule">What it writes down, and when it stops.</param>
sealed record RunSettings(Configuration Configuration, RunMachine Machine, RunSchedule Schedule)
{
    // A run's own take some thousand.
    const long MaxBytes = 1 << 20;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>The settings as JSON.</summary>
    /// <param name="names">What is trained on.</param>
    public string ToJson(NamesFile names)
    {
        JsonObject settings = JsonNode.Parse(Configuration.ToJson())!.AsObject();
        settings["data_source"] = names.Source;
        settings["data_sha256"] = names.Sha256;
        settings["data_format"] = JsonNode.Parse(names.Format.ToJson());
        foreach ((string key, JsonNode? value) in Properties(Machine).Concat(Properties(Schedule)))
        {
            settings[key] = value?.DeepClone();
        }
        return settings.ToJsonString(Json);
    }

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidRequestException">It cannot be read.</exception>
    public static RunSettings Read(string path)
    {
        if (RegularFile.LengthOf(path) is var length and (0 or > MaxBytes))
        {
            throw new InvalidRequestException(
                $"'{path}' has {length} bytes and must have 1 to {MaxBytes}: give --resume the folder of a run");
        }
        try
        {
            string json = File.ReadAllText(path);
            var settings = new RunSettings(
                Configuration.FromJson(json),
                JsonSerializer.Deserialize<RunMachine>(json, Json)!,
                JsonSerializer.Deserialize<RunSchedule>(json, Json)!);
            settings.Configuration.Validate();
            settings.Schedule.Validate();
            return settings;
        }
        catch (InvalidRequestException fault)
        {
            throw new InvalidRequestException($"'{path}' holds settings that cannot be: {fault.Message}", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException or FormatException)
        {
            throw new InvalidRequestException($"'{path}' cannot be read ({Explanation.ReasonOf(fault)}): train again", fault);
        }
    }

    static JsonObject Properties<T>(T value) => JsonSerializer.SerializeToNode(value, Json)!.AsObject();
}
