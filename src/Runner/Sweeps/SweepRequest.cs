using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using Makemore.Gpu.Runner.Options;

namespace Makemore.Gpu.Runner.Sweeps;

/// <summary>What a call asks of a sweep, as texts from which the same networks can be made again.</summary>
/// <param name="Fixed">The settings that all networks have in common, as far as the call gives them.</param>
/// <param name="Vary">The values of <see cref="SweepOptions.Vary"/>.</param>
/// <param name="Seeds">From how many seeds each combination is trained; null for one, that of the fixed settings.</param>
/// <param name="Random">How many combinations are drawn; null for all of them.</param>
sealed record SweepRequest(IReadOnlyList<Setting> Fixed, IReadOnlyList<string> Vary, int? Seeds, int? Random)
{
    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
    };

    /// <summary>What a call asks for.</summary>
    /// <param name="parsed">The call, with the options of <see cref="NetworkOptions"/> and <see cref="SweepOptions"/>.</param>
    public static SweepRequest Of(ParseResult parsed) =>
        new(
            [.. NetworkOptions.All.SelectMany(option => Given(parsed, option))],
            parsed.GetValue(SweepOptions.Vary) ?? [], parsed.GetValue(SweepOptions.Seeds), parsed.GetValue(SweepOptions.Random));

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is no such request.</exception>
    public static SweepRequest FromJson(string json) =>
        JsonSerializer.Deserialize<SweepRequest>(json, Json) ?? throw new JsonException("the request is null");

    /// <summary>The request as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    static IEnumerable<Setting> Given(ParseResult parsed, Option option) =>
        parsed.GetResult(option) is OptionResult { Implicit: false, Tokens: [var value, ..] }
            ? [new Setting(Variation.NameOf(option), value.Value)]
            : [];
}
