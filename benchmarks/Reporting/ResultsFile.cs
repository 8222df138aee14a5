using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Reporting;

/// <summary>The results that are kept: <c>benchmarks/results/MACHINE/KIND.json</c>.</summary>
static partial class ResultsFile
{
    static readonly JsonSerializerOptions Compact = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    static readonly JsonSerializerOptions Json = new(Compact)
    {
        Converters =
        {
            new OnOneLine<Row>(), new OnOneLine<Speed>(), new OnOneLine<Phase>(), new OnOneLine<Check>(), new OnOneLine<Rates>(),
            new OnOneLine<Agreement>(), new OnOneLine<Disaster>(), new OnOneLine<MeasuredRung>(),
            new OnOneLine<ProductSpeed>(), new OnOneLine<StrategySpeed>(), new OnOneLine<NetworksSpeed>(),
        },
        WriteIndented = true,
    };

    static string Folder => Path.Combine(Repository.Root, "benchmarks", "results");

    /// <summary>The results of one kind, of all machines by name.</summary>
    /// <typeparam name="T">The results.</typeparam>
    /// <param name="kind">The kind.</param>
    /// <exception cref="InvalidRequestException">A file cannot be understood.</exception>
    public static IEnumerable<T> Kept<T>(string kind) =>
        Directory.Exists(Folder)
            ? Directory.GetFiles(Folder, kind + ".json", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(Load<T>)
            : [];

    /// <summary>Keeps results in place of the machine's earlier ones of the same kind.</summary>
    /// <typeparam name="T">The results.</typeparam>
    /// <param name="machine">The machine's name.</param>
    /// <param name="kind">The kind.</param>
    /// <param name="results">The results.</param>
    /// <returns>The file.</returns>
    public static string Save<T>(string machine, string kind, T results)
    {
        string folder = Path.Combine(Folder, NotOfAName().Replace(machine.ToLowerInvariant(), "-").Trim('-'));
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, kind + ".json");
        Write(path, results);
        return path;
    }

    /// <summary>Writes results to a file.</summary>
    /// <typeparam name="T">The results.</typeparam>
    /// <param name="path">The file.</param>
    /// <param name="results">The results.</param>
    public static void Write<T>(string path, T results) => File.WriteAllText(path, JsonSerializer.Serialize(results, Json) + "\n");

    static T Load<T>(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(File.ReadAllText(path), Json) ?? throw new JsonException("it is null");
        }
        catch (JsonException fault)
        {
            throw new InvalidRequestException($"'{path}' does not hold results: {fault.Message}", fault);
        }
    }

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex NotOfAName();

    /// <summary>A hundred rows of six values read better, and compare better, a row to a line.</summary>
    /// <typeparam name="T">A row.</typeparam>
    sealed class OnOneLine<T> : JsonConverter<T>
    {
        public override T? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            JsonSerializer.Deserialize<T>(ref reader, Compact);

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) =>
            writer.WriteRawValue("\n" + new string(' ', 2 * writer.CurrentDepth) + JsonSerializer.Serialize(value, Compact));
    }
}
