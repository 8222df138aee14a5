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

    /// <summary>The settings beside those of the recipe, in words, by their names with spaces: <c>drop at</c>.</summary>
    public IReadOnlyDictionary<string, string> OfRun => All.Where(setting => setting.Key != "recipe")
        .ToDictionary(setting => Words(setting.Key), setting => Words(setting.Value));

    static string Words(string name) => name.Replace('_', ' ');

    static string Words(JsonNode? node) => node switch
    {
        null => "none",
        JsonObject settings => string.Join(", ", settings.Select(setting => $"{Words(setting.Key)} {Words(setting.Value)}")),
        JsonArray list => string.Join(", ", list.Select(Words)),
        _ => node.ToString(),
    };
}
