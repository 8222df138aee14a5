using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>Every resolved setting of a run.</summary>
/// <param name="Recipe">The recipe, with the sizes that were asked for.</param>
/// <param name="Steps">The steps of training.</param>
/// <param name="DropAt">The first step at the final learning rate.</param>
/// <param name="Seed">The seed of the network and the batches, from which the other seeds follow.</param>
sealed record Configuration(Recipe Recipe, int Steps, int DropAt, ulong Seed)
{
    /// <summary>The steps of the lectures.</summary>
    public const int LectureSteps = 200_000;

    /// <summary>The most passes over the training examples, where nobody asked for a number of steps.</summary>
    public const int MaxPasses = 40;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>The seed of the normalizations; null in a run of version 0.1, see <see cref="Seeds"/>.</summary>
    public ulong? NormalizationSeed { get; init; } = Seeds.Of(Seed).Normalization;

    /// <summary>The seed of the batches; null where the network's generator goes on to draw them.</summary>
    public ulong? BatchSeed { get; init; }

    /// <summary>The seeds of all random numbers.</summary>
    [JsonIgnore]
    public Seeds Seeds => new(Seed, NormalizationSeed, BatchSeed);

    /// <summary>Resolves what was left open.</summary>
    /// <remarks>
    /// The drop comes at the same step whatever the steps: a short run keeps one rate, and a longer one begins as the shorter one did.
    /// </remarks>
    /// <param name="recipe">The recipe.</param>
    /// <param name="trainingExamples">The examples of the training split.</param>
    /// <param name="steps">The steps; null for the lectures' 200,000, or 40 passes where that is fewer.</param>
    /// <param name="dropAt">
    /// The first step at the final learning rate; null for the recipe's part of the steps that it takes by default.
    /// </param>
    /// <param name="seed">The seed; null for the lectures'.</param>
    public static Configuration Resolve(Recipe recipe, int trainingExamples, int? steps = null, int? dropAt = null, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        int defaultSteps = (int)Math.Clamp((long)MaxPasses * trainingExamples / recipe.Batch, 1, LectureSteps);
        // Even a run of one step begins at the full learning rate.
        int drop = Math.Max(1, (int)(defaultSteps * recipe.DropAfter));
        return new Configuration(recipe, steps ?? defaultSteps, dropAt ?? drop, seed ?? Seeds.LectureSeed);
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public float LearningRate(int step) => (float)(step < DropAt ? Recipe.LearningRate : Recipe.FinalLearningRate);

    /// <summary>Checks the settings against each other. The sizes that follow from them are Execution's to check.</summary>
    /// <exception cref="InvalidRequestException">A setting cannot be; the message names its option.</exception>
    public void Validate()
    {
        Recipe.Validate();
        Recipe.AtLeast(Steps, 0, SettingName.Steps);
        Recipe.AtLeast(DropAt, 0, SettingName.DropAt);
    }

    /// <summary>The settings as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote, of this version or an earlier one.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is not a configuration.</exception>
    public static Configuration FromJson(string json) =>
        JsonSerializer.Deserialize<Configuration>(ConfigurationUpgrade.Upgrade(json), Json)
        ?? throw new JsonException("the configuration is null");

    /// <summary>
    /// The first setting of a JSON that no configuration has, of this version or an earlier one, such as <c>recipe.hiden</c>; null where
    /// there is none.
    /// </summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is not a configuration.</exception>
    public static string? FirstUnknown(string json) => FirstUnknown(
        JsonNode.Parse(ConfigurationUpgrade.Upgrade(json))!.AsObject(), JsonNode.Parse(FromJson(json).ToJson())!.AsObject());

    static string? FirstUnknown(JsonObject given, JsonObject known) => given.Select(setting => (setting.Value, known[setting.Key]) switch
    {
        _ when !known.ContainsKey(setting.Key) => setting.Key,
        (JsonObject inner, JsonObject innerKnown) when FirstUnknown(inner, innerKnown) is { } name => $"{setting.Key}.{name}",
        _ => null,
    }).FirstOrDefault(name => name is not null);
}
