using System.Text;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>
/// The characters of the names and their tokens: token 0 is the boundary '.', then come the characters by code point, as
/// <c>sorted(set(''.join(words)))</c> gives them in Python.
/// </summary>
public sealed class Vocabulary
{
    readonly Rune[] characters;
    readonly Dictionary<Rune, int> tokens;

    Vocabulary(IEnumerable<Rune> charactersAfterBoundary)
    {
        characters = [new Rune(NamesFile.Boundary), .. charactersAfterBoundary];
        tokens = characters.Select((character, token) => (character, token)).ToDictionary(pair => pair.character, pair => pair.token);
    }

    /// <summary>How many tokens there are, V.</summary>
    public int Count => characters.Length;

    /// <summary>ln V, the loss of a guess that gives each token the same probability: what a network should start with.</summary>
    public double UniformLoss => Math.Log(Count);

    /// <summary>All characters in the order of their tokens, the boundary first.</summary>
    public string Characters => string.Concat(characters);

    /// <summary>The vocabulary of a list of names.</summary>
    /// <param name="names">The names.</param>
    public static Vocabulary Of(IEnumerable<string> names) => new(names.SelectMany(name => name.EnumerateRunes()).Distinct().Order());

    /// <summary>The vocabulary that <see cref="Characters"/> wrote down.</summary>
    /// <param name="characters">The characters, the boundary first.</param>
    /// <exception cref="InvalidRequestException">The first is not the boundary, or one stands there twice.</exception>
    public static Vocabulary Parse(string characters)
    {
        ArgumentNullException.ThrowIfNull(characters);
        Rune[] runes = [.. characters.EnumerateRunes()];
        if (runes.Length < 2 || runes[0].Value != NamesFile.Boundary || runes.Distinct().Count() != runes.Length)
        {
            throw new InvalidRequestException(
                $"'{characters}' is not a vocabulary: it must begin with '{NamesFile.Boundary}' and hold each character once");
        }
        return new Vocabulary(runes.Skip(1));
    }

    /// <summary>The character of a token.</summary>
    /// <param name="token">The token, 0 … V-1.</param>
    public Rune Character(int token) => characters[token];

    /// <summary>The text of some tokens, boundaries among them.</summary>
    /// <param name="tokens">The tokens, each 0 … V-1.</param>
    public string Decode(IEnumerable<int> tokens) => string.Concat(tokens.Select(Character));

    /// <summary>The tokens of a text, without boundaries.</summary>
    /// <param name="text">The text.</param>
    /// <exception cref="InvalidRequestException">A character is not in the vocabulary.</exception>
    public IEnumerable<int> Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (Rune character in text.EnumerateRunes())
        {
            yield return TokenOf(character, text);
        }
    }

    /// <summary>Writes the tokens of a text, without boundaries.</summary>
    /// <param name="text">The text.</param>
    /// <param name="target">Where they go, from its beginning on.</param>
    /// <returns>How many there are.</returns>
    /// <exception cref="InvalidRequestException">A character is not in the vocabulary.</exception>
    public int Encode(string text, Span<int> target)
    {
        ArgumentNullException.ThrowIfNull(text);
        int count = 0;
        foreach (Rune character in text.EnumerateRunes())
        {
            target[count++] = TokenOf(character, text);
        }
        return count;
    }

    int TokenOf(Rune character, string text) => character.Value != NamesFile.Boundary && tokens.TryGetValue(character, out int token)
        ? token
        : throw new InvalidRequestException(
            $"'{character}' in '{text}' is not a character of the model's vocabulary '{Characters[1..]}': "
            + "use only those, or train on data that holds it");
}
