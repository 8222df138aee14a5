using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Torch;

/// <summary>What the commands have in common.</summary>
static class CommandLine
{
    static readonly JsonSerializerOptions JsonOptions = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The names to train on.</summary>
    public static Option<string?> Data { get; } = new("--data")
    {
        Description = "the names, one on each line; without it the file that MAKEMORE_NAMES says, else a list that comes with the program",
        DefaultValueFactory = _ => Environment.GetEnvironmentVariable("MAKEMORE_NAMES"),
    };

    /// <summary>The seed.</summary>
    public static Option<ulong?> Seed { get; } = new("--seed") { Description = $"seed of all random numbers; {Seeds.LectureSeed}" };

    /// <summary>Whether the result is wanted as JSON.</summary>
    public static Option<bool> Json { get; } = new("--json") { Description = "one JSON object on one line" };

    /// <summary>The choice of a recipe.</summary>
    /// <param name="name">The recipe where nobody chose one.</param>
    public static Option<string> RecipeName(string name) => new("--recipe")
    {
        Description = string.Join(", ", Recipe.All.Select(recipe => recipe.Name)),
        DefaultValueFactory = _ => name,
    };

    /// <summary>The examples of the chosen names.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="context">T, the tokens of a context.</param>
    public static Dataset ReadData(ParseResult parsed, int context) =>
        Dataset.Create(parsed.GetValue(Data) is { Length: > 0 } path ? NamesFile.Read(path) : NamesFile.Embedded(), context);

    /// <summary>A result as JSON on one line.</summary>
    /// <param name="result">The result.</param>
    public static string ToJson(object result) => JsonSerializer.Serialize(result, JsonOptions);
}
