using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Recipes;

/// <summary>Every resolved setting of a run.</summary>
/// <param name="Recipe">The recipe, with the sizes that were asked for.</param>
/// <param name="Steps">The steps of training.</param>
/// <param name="DropAt">The first step at a tenth of the learning rate.</param>
/// <param name="Seed">The seed of all random numbers.</param>
public sealed record Configuration(Recipe Recipe, int Steps, int DropAt, ulong Seed)
{
    /// <summary>The steps of the lectures.</summary>
    public const int LectureSteps = 200_000;

    /// <summary>No more steps than so many passes over the training examples, where nobody asked for a number.</summary>
    public const int MaxPasses = 40;

    /// <summary>The seed of the lectures.</summary>
    public const ulong LectureSeed = 2147483647;

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>Resolves what was left open.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="trainingExamples">The examples of the training split.</param>
    /// <param name="steps">The steps; null for the lectures' 200,000, or 40 passes where that is fewer.</param>
    /// <param name="dropAt">The first step at a tenth of the learning rate; null for the recipe's part of the steps.</param>
    /// <param name="seed">The seed; null for the lectures'.</param>
    public static Configuration Resolve(Recipe recipe, int trainingExamples, int? steps = null, int? dropAt = null, ulong? seed = null)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        int resolved = steps ?? (int)Math.Clamp((long)MaxPasses * trainingExamples / recipe.Batch, 1, LectureSteps);
        // Of an untrained network, the next step is the first.
        int drop = resolved == 0 ? 1 : (int)(resolved * recipe.DropAfter);
        return new Configuration(recipe, resolved, dropAt ?? drop, seed ?? LectureSeed);
    }

    /// <summary>The learning rate of a step.</summary>
    /// <param name="step">The step, from 0.</param>
    public float LearningRate(int step) => (float)(step < DropAt ? Recipe.LearningRate : 0.1 * Recipe.LearningRate);

    /// <summary>Checks the settings against each other and a vocabulary, before anything is allocated or written.</summary>
    /// <param name="vocabulary">V.</param>
    /// <exception cref="InvalidRequestException">A setting cannot be; the message names its option.</exception>
    public void Validate(int vocabulary)
    {
        Recipe.Validate();
        Recipe.AtLeast(Steps, 0, "--steps");
        Recipe.AtLeast(DropAt, 0, "--drop-at");
        CheckSizes(vocabulary);
    }

    /// <summary>The settings as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote, of this version or an earlier one.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is not a configuration.</exception>
    public static Configuration FromJson(string json) =>
        JsonSerializer.Deserialize<Configuration>(ConfigurationUpgrade.Upgrade(json), Json) ?? throw new JsonException("the configuration is null");

    // The values that all layers give for one example: a layer's linear map, normalization and tanh each have their own.
    decimal Outputs(int vocabulary)
    {
        int layers = 1 + (Recipe.Normalization is null ? 0 : 1) + (Recipe.Activation == Activation.None ? 0 : 1);
        decimal hidden = Recipe.Hidden.Sum(width => (decimal)width + TensorStore.Alignment);
        return ((decimal)Recipe.Context * Recipe.Embedding) + (layers * hidden) + (2m * (vocabulary + TensorStore.Alignment));
    }

    // Indices into a buffer are 32-bit. All parameters lie in one, all activations of a batch in another, a chunk's indices of examples in a third.
    void CheckSizes(int vocabulary)
    {
        long[] widths = [(long)Recipe.Context * Recipe.Embedding, .. Recipe.Hidden.Select(hidden => (long)hidden), vocabulary];
        decimal parameters = ((decimal)vocabulary * Recipe.Embedding) + TensorStore.Alignment;
        for (int layer = 1; layer < widths.Length; layer++)
        {
            parameters += (((decimal)widths[layer - 1] + 3) * widths[layer]) + (4 * TensorStore.Alignment);
        }
        decimal activations = Outputs(vocabulary) * Math.Max(Recipe.Batch, Evaluator.Batch);
        decimal largest = Math.Max(activations, (decimal)LayeredStep.MaxStepsPerLaunch * Recipe.Batch);
        if (parameters > int.MaxValue || largest > int.MaxValue)
        {
            throw new InvalidRequestException(
                $"the network is too large: {parameters} parameters, {largest} values in the largest buffer of a batch; at most {int.MaxValue} each fit: "
                + "use smaller --hidden, --embedding, --context or --batch");
        }
    }
}
