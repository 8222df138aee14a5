using System.Text.Json;
using System.Text.Json.Nodes;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Runs;

namespace Makemore.Gpu.Runner.History;

/// <summary>The settings of a run as they stand in its folder, of this version or an earlier one.</summary>
/// <param name="Configuration">The settings of the training.</param>
/// <param name="All">All settings by their names in <c>config.json</c>, those of the training as this version names them.</param>
sealed record StoredSettings(Configuration Configuration, IReadOnlyDictionary<string, JsonNode?> All)
{
    // A run's own take some thousand.
    const long MaxBytes = 1 << 20;

    /// <summary>The file of the names, without its folder; empty where it is not known.</summary>
    public string Data => Path.GetFileName(Text("data_source"));

    /// <summary>Reads the settings of a run.</summary>
    /// <param name="folder">The folder of the run.</param>
    /// <exception cref="InvalidRequestException">They cannot be read; the message says why.</exception>
    public static StoredSettings Read(string folder)
    {
        string path = Path.Combine(folder, RunFolder.ConfigurationFile);
        try
        {
            string json = RegularFile.LengthOf(path) is > 0 and <= MaxBytes
                ? File.ReadAllText(path)
                : throw new JsonException("its size is not that of settings");
            var configuration = Configuration.FromJson(json);
            configuration.Validate();
            JsonObject trained = JsonNode.Parse(configuration.ToJson())!.AsObject();
            // An earlier version may have named what this one names otherwise.
            IEnumerable<KeyValuePair<string, JsonNode?>> others =
                JsonNode.Parse(json)!.AsObject().Where(setting => !trained.ContainsKey(setting.Key));
            return new StoredSettings(configuration, trained.Concat(others).ToDictionary());
        }
        catch (Exception fault) when (fault is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidRequestException($"'{path}' does not hold the settings of a run", fault);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or InvalidRequestException)
        {
            throw new InvalidRequestException($"'{path}' cannot be read: {Explanation.ReasonOf(fault)}", fault);
        }
    }

    /// <summary>A setting that is a text; empty where there is none.</summary>
    /// <param name="name">Its name.</param>
    public string Text(string name) => All.GetValueOrDefault(name) is JsonValue value && value.TryGetValue(out string? text) ? text : "";

    /// <summary>Every setting that is no list of settings itself, by its path: <c>recipe.hidden</c>.</summary>
    public IReadOnlyDictionary<string, string> Leaves() => All.SelectMany(setting => Leaves(setting.Key, setting.Value)).ToDictionary();

    static IEnumerable<KeyValuePair<string, string>> Leaves(string path, JsonNode? node) => node switch
    {
        JsonObject settings => settings.SelectMany(setting => Leaves($"{path}.{setting.Key}", setting.Value)),
        JsonArray list => [new(path, string.Join(", ", list.Select(Word)))],
        _ => [new(path, Word(node))],
    };

    static string Word(JsonNode? node) => node?.ToString() ?? "none";
}
