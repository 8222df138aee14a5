using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Text;

namespace Makemore.Gpu.Model.Data;

/// <summary>
/// The tokens of the names: token 0 is the boundary before and after a name, then come the texts by code point, as
/// <c>sorted(set(''.join(words)))</c> gives them in Python.
/// </summary>
sealed class Vocabulary
{
    // The lectures' sign, and what stands for the boundary where names hold that.
    static readonly string[] Boundaries = [".", "¶", "⏎", "∎"];

    static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false) },
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
    };

    // A message repeats no more of them.
    const int ShownTokens = 80;

    readonly string[] tokens;
    readonly Dictionary<string, int> indices = new(StringComparer.Ordinal);
    readonly Dictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> lookup;

    Vocabulary(IEnumerable<string> tokensAfterBoundary, Tokenization tokenization)
    {
        Tokenization = tokenization;
        string[] texts = [.. tokensAfterBoundary];
        tokens = ["", .. texts];
        for (int token = 1; token < tokens.Length; token++)
        {
            indices.Add(tokens[token], token);
        }
        lookup = indices.GetAlternateLookup<ReadOnlySpan<char>>();
        tokens[0] = Boundaries.First(sign => !indices.ContainsKey(sign) || sign == Boundaries[^1]);
    }

    /// <summary>How texts are taken apart into tokens.</summary>
    public Tokenization Tokenization { get; }

    /// <summary>How many tokens there are, V.</summary>
    public int Count => tokens.Length;

    /// <summary>ln V, the loss of a guess that gives each token the same probability: what a network should start with.</summary>
    public double UniformLoss => Math.Log(Count);

    /// <summary>The text of each token; of the boundary, the sign that stands for it.</summary>
    public IReadOnlyList<string> Tokens => tokens;

    /// <summary>The vocabulary of a list of names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="tokenization">What a token is; null for runes.</param>
    public static Vocabulary Of(IEnumerable<string> names, Tokenization? tokenization = null)
    {
        ArgumentNullException.ThrowIfNull(names);
        tokenization ??= new Tokenization();
        var found = new HashSet<string>(StringComparer.Ordinal);
        HashSet<string>.AlternateLookup<ReadOnlySpan<char>> spans = found.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (string name in names)
        {
            foreach (ReadOnlySpan<char> token in tokenization.Enumerate(name))
            {
                spans.Add(token);
            }
        }
        return new Vocabulary(found.Order(Comparer<string>.Create(CompareCodePoints)), tokenization);
    }

    /// <summary>The vocabulary that <see cref="Write"/> wrote down.</summary>
    /// <param name="written">The runes, a sign for the boundary first; or JSON.</param>
    /// <exception cref="InvalidRequestException">It is not one, or a token stands there twice.</exception>
    public static Vocabulary Parse(string written)
    {
        ArgumentNullException.ThrowIfNull(written);
        try
        {
            if (written.StartsWith('{'))
            {
                WrittenVocabulary read = JsonSerializer.Deserialize<WrittenVocabulary>(written, Json) ?? throw new JsonException();
                return read.Tokens.Count > 0 && read.Tokenization.Separator.Length > 0
                    ? new Vocabulary(read.Tokens, read.Tokenization)
                    : throw new JsonException();
            }
            string[] runes = [.. written.EnumerateRunes().Select(rune => rune.ToString())];
            if (runes.Length > 1 && Boundaries.Contains(runes[0]) && !runes.Skip(1).Contains(runes[0]))
            {
                return new Vocabulary(runes[1..], new Tokenization());
            }
        }
        catch (Exception fault) when (fault is JsonException or ArgumentException)
        {
            throw NotOne(written, fault);
        }
        throw NotOne(written);
    }

    /// <summary>The vocabulary as text: all runes after the boundary's sign; of other tokens, or where no sign is free, JSON.</summary>
    public string Write() => Tokenization.Kind == TokenKind.Rune && !indices.ContainsKey(tokens[0])
        ? string.Concat(tokens)
        : JsonSerializer.Serialize(new WrittenVocabulary(Tokenization, tokens[1..]), Json);

    /// <summary>The text of some tokens, boundaries among them.</summary>
    /// <param name="tokens">The tokens, each 0 … V-1.</param>
    public string Decode(IEnumerable<int> tokens) => Tokenization.Join(tokens.Select(token => this.tokens[token]));

    /// <summary>The tokens of a text, without boundaries.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">A token is not in the vocabulary.</exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var encoded = new int[Tokenization.Count(text)];
        Encode(text, encoded);
        return encoded;
    }

    /// <summary>Writes the tokens of a text, without boundaries.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">Where they go, from its beginning on.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="InvalidRequestException">A token is not in the vocabulary.</exception>
    public int Encode(string text, Span<int> target)
    {
        ArgumentNullException.ThrowIfNull(text);
        int count = 0;
        foreach (ReadOnlySpan<char> token in Tokenization.Enumerate(text))
        {
            target[count++] = lookup.TryGetValue(token, out int index) ? index : throw Unknown(token.ToString(), text);
        }
        return count;
    }

    /// <summary>The first token of a text that is not in the vocabulary; null where all are.</summary>
    /// <param name="text">The text.</param>
    public string? FirstUnknown(string text)
    {
        foreach (ReadOnlySpan<char> token in Tokenization.Enumerate(text))
        {
            if (!lookup.ContainsKey(token))
            {
                return token.ToString();
            }
        }
        return null;
    }

    // By code point, which UTF-16's own order is not.
    static int CompareCodePoints(string one, string other)
    {
        StringRuneEnumerator ones = one.EnumerateRunes();
        StringRuneEnumerator others = other.EnumerateRunes();
        while (true)
        {
            bool hasOne = ones.MoveNext();
            bool hasOther = others.MoveNext();
            if (!hasOne || !hasOther)
            {
                return hasOne.CompareTo(hasOther);
            }
            if (ones.Current != others.Current)
            {
                return ones.Current.CompareTo(others.Current);
            }
        }
    }

    static InvalidRequestException NotOne(string written, Exception? fault = null) => new(
        $"'{written}' is not a vocabulary: it must begin with '{Boundaries[0]}' and hold each character once", fault);

    InvalidRequestException Unknown(string token, string text)
    {
        string known = string.Join(Tokenization.Kind == TokenKind.Word ? " " : "", tokens.Skip(1).Take(ShownTokens))
            + (Count > ShownTokens + 1 ? "…" : "");
        return new InvalidRequestException(
            $"'{token}' in '{text}' is not a character of the model's vocabulary '{known}': use only those, or train on data that holds "
            + $"it");
    }

    /// <summary>The form in which other tokens than runes are written.</summary>
    sealed record WrittenVocabulary(Tokenization Tokenization, IReadOnlyList<string> Tokens);
}
