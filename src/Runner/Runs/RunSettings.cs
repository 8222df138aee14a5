using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Data;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Output;

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

    /// <summary>Starts the accelerator that was asked for; else this one, where it is here.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="session">Where to tell that it is not here.</param>
    public ComputeDevice Start(ParseResult parsed, Session session)
    {
        string precision = parsed.FirstGiven([StrategyOptions.PrecisionName])
            is null ? Precision : parsed.GetValue(StrategyOptions.PrecisionName)!;
        if (parsed.FirstGiven([CommonOptions.Accelerator]) is not null)
        {
            return ComputeDevice.Open(parsed.GetValue(CommonOptions.Accelerator)!, precision);
        }
        try
        {
            return ComputeDevice.Open(Accelerator, precision);
        }
        catch (InvalidRequestException fault)
        {
            session.Note($"note: {fault.Message}");
            return ComputeDevice.Open("auto", precision);
        }
    }

    /// <summary>The form of a step that was asked for; else this one, where the accelerator has it.</summary>
    /// <param name="parsed">The call.</param>
    /// <param name="started">The accelerator.</param>
    /// <param name="recipe">The recipe.</param>
    /// <param name="vocabulary">V.</param>
    public Strategy StrategyOf(ParseResult parsed, ComputeDevice started, Recipe recipe, int vocabulary) =>
        StrategyOptions.Resolve(parsed, started, recipe, vocabulary, Strategy, Threads);

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

    /// <summary>How settings are written.</summary>
    public static JsonSerializerOptions Json { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>The settings as JSON.</summary>
    /// <param name="names">What is trained on.</param>
    /// <param name="folder">The folder of the run.</param>
    public string ToJson(NamesFile names, string folder)
    {
        JsonObject settings = JsonNode.Parse(Configuration.ToJson())!.AsObject();
        settings["data_source"] = DataSource.From(names.Source, folder);
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
        string json = ReadText(path, "--resume");
        try
        {
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
        catch (Exception fault) when (fault is JsonException or FormatException)
        {
            throw new InvalidRequestException($"'{path}' cannot be read ({Explanation.ReasonOf(fault)}): train again", fault);
        }
    }

    /// <summary>Reads the text of a file of settings.</summary>
    /// <param name="path">The file.</param>
    /// <param name="option">The option that named it, for the message.</param>
    /// <exception cref="InvalidRequestException">It cannot be read, or is too large.</exception>
    public static string ReadText(string path, string option)
    {
        if (RegularFile.LengthOf(path) is var length and (0 or > MaxBytes))
        {
            throw new InvalidRequestException(
                $"'{path}' has {length} bytes and must have 1 to {MaxBytes}: give {option} the folder of a run");
        }
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new InvalidRequestException(
                $"'{path}' cannot be read ({Explanation.ReasonOf(fault)}): give {option} the folder of another run", fault);
        }
    }

    /// <summary>The keys under which a part of the settings is written.</summary>
    /// <typeparam name="T">The part.</typeparam>
    /// <param name="required">Whether those are meant alone that must be there.</param>
    public static IEnumerable<string> KeysOf<T>(bool required = false) =>
        from parameter in typeof(T).GetConstructors()[0].GetParameters()
        where !required || !parameter.HasDefaultValue
        select Json.PropertyNamingPolicy!.ConvertName(parameter.Name!);

    static JsonObject Properties<T>(T value) => JsonSerializer.SerializeToNode(value, Json)!.AsObject();
}
