using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Model.Text;

namespace Makemore.Gpu.Model.Data;

/// <summary>How names are read from a file: where they stand in it, what becomes of their text, and what their tokens are.</summary>
sealed record NamesFormat
{
    /// <summary>The value of <see cref="Column"/> for lines that are names as they are, whatever separators they hold.</summary>
    public const string NoColumn = "none";

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>A name on each line of a UTF-8 text, runes as tokens: the lectures' names.txt.</summary>
    public static NamesFormat Default { get; } = new();

    /// <summary>The encoding by its name on the internet; null for UTF-8, or what a byte order mark says.</summary>
    public string? Encoding { get; init; }

    /// <summary>
    /// The column of a table that holds the names, by its number from 1, or by its name in the first line; <see cref="NoColumn"/>; null
    /// where the file is no table.
    /// </summary>
    public string? Column { get; init; }

    /// <summary>What stands between the columns of a table; null for what its lines have in common.</summary>
    public string? Separator { get; init; }

    /// <summary>Lines that begin with it are left out; null for none.</summary>
    public char? Comment { get; init; }

    /// <summary>Whether lines that are no names are left out, where they are refused otherwise.</summary>
    public bool SkipBad { get; init; }

    /// <summary>Whether names that repeat an earlier one are left out.</summary>
    public bool Unique { get; init; }

    /// <summary>What becomes of the text.</summary>
    public TextRules Text { get; init; } = new();

    /// <summary>What a token is.</summary>
    public Tokenization Tokens { get; init; } = new();

    /// <summary>What falls into a split.</summary>
    public SplitBy SplitBy { get; init; } = SplitBy.Line;

    /// <summary>The same text rules and tokens for a file with a name on each line of a UTF-8 text.</summary>
    [JsonIgnore]
    public NamesFormat OfPlainFile => this with { Encoding = null, Column = null, Separator = null, Comment = null, SkipBad = false };

    /// <summary>The format as JSON.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, Json);

    /// <summary>Reads what <see cref="ToJson"/> wrote.</summary>
    /// <param name="json">The JSON.</param>
    /// <exception cref="JsonException">It is no format.</exception>
    /// <exception cref="FormatException">A separator in it is empty.</exception>
    public static NamesFormat FromJson(string json)
    {
        NamesFormat format = JsonSerializer.Deserialize<NamesFormat>(json, Json) ?? throw new JsonException("the format is null");
        return format.Separator?.Length != 0 && format.Tokens.Separator.Length > 0
            ? format
            : throw new FormatException("a separator of its names is empty");
    }
}

/// <summary>What falls into a split, where a list has a name more than once.</summary>
enum SplitBy
{
    /// <summary>A line: a name may stand in several splits, as in the lectures.</summary>
    Line,

    /// <summary>A name, with all its lines: splits never share one.</summary>
    Name,
}
