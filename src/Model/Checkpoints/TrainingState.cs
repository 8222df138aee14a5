using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Checkpoints;

/// <summary>What training needs to go on, beside the network itself: the bits that follow are those of a run without a break.</summary>
/// <param name="StepsDone">The steps that were completed.</param>
/// <param name="Generator">The state of the generator of the batches, as <see cref="TorchGenerator.ToText"/> gives it.</param>
/// <param name="FirstLoss">The loss of step 0; 0 before it.</param>
/// <param name="RecentLoss">The sum of the training losses since the dev loss was measured last.</param>
/// <param name="RecentSteps">Of how many steps.</param>
/// <param name="Dev">How the dev loss went; null where none was measured.</param>
sealed record TrainingState(
    int StepsDone, string Generator, float FirstLoss, double RecentLoss, int RecentSteps, DevProgress? Dev)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    /// <summary>The curve of the training loss, of a network of a sweep; null where a run writes down its losses by itself.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public LossCurve? Curve { get; init; }

    /// <summary>How long the training has taken so far, of a network of a sweep.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public double Seconds { get; init; }

    /// <summary>The state as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is no state.</exception>
    /// <exception cref="FormatException">Its generator is none, or it has a negative number of steps.</exception>
    public static TrainingState FromJson(string json)
    {
        TrainingState state = JsonSerializer.Deserialize<TrainingState>(json, Json)
            ?? throw new JsonException("the state of training is null");
        TorchGenerator.Parse(state.Generator);
        return state.StepsDone >= 0 ? state : throw new FormatException($"{state.StepsDone} steps were done");
    }
}
