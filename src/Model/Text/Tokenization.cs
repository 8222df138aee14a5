using System.Globalization;

namespace Makemore.Gpu.Model.Text;

/// <summary>What a token is.</summary>
enum TokenKind
{
    /// <summary>A code point, as in the lectures.</summary>
    Rune,

    /// <summary>What a reader takes for one character: a letter with its marks, a family of emoji.</summary>
    Grapheme,

    /// <summary>What stands between separators: a word, a note of a melody, a part of an identifier.</summary>
    Word,
}

/// <summary>How a text is taken apart into tokens, and put together again.</summary>
/// <param name="Kind">What a token is.</param>
/// <param name="Separator">What stands between words, not empty; means nothing for the other kinds.</param>
sealed record Tokenization(TokenKind Kind = TokenKind.Rune, string Separator = " ")
{
    /// <summary>The tokens of a text, in its order. Separators are none; several in a row are like one.</summary>
    /// <param name="text">The text.</param>
    public TokenEnumerator Enumerate(string text) => new(text, this);

    /// <summary>How many tokens a text has.</summary>
    /// <param name="text">The text.</param>
    public int Count(string text)
    {
        int count = 0;
        foreach (ReadOnlySpan<char> _ in Enumerate(text))
        {
            count++;
        }
        return count;
    }

    /// <summary>The text of tokens.</summary>
    /// <param name="tokens">The tokens.</param>
    public string Join(IEnumerable<string> tokens) => Kind == TokenKind.Word ? string.Join(Separator, tokens) : string.Concat(tokens);
}

/// <summary>Goes through the tokens of a text without a copy of them.</summary>
/// <param name="text">The text.</param>
/// <param name="tokenization">What a token is.</param>
ref struct TokenEnumerator(string text, Tokenization tokenization)
{
    ReadOnlySpan<char> rest = text;

    /// <summary>The token.</summary>
    public ReadOnlySpan<char> Current { get; private set; } = [];

    /// <summary>The enumerator itself, for <c>foreach</c>.</summary>
    public readonly TokenEnumerator GetEnumerator() => this;

    /// <summary>Goes on to the next token.</summary>
    /// <returns>Whether there is one.</returns>
    public bool MoveNext()
    {
        if (tokenization.Kind == TokenKind.Word)
        {
            while (rest.StartsWith(tokenization.Separator, StringComparison.Ordinal))
            {
                rest = rest[tokenization.Separator.Length..];
            }
        }
        if (rest.IsEmpty)
        {
            return false;
        }
        int length = tokenization.Kind switch
        {
            TokenKind.Rune => char.IsHighSurrogate(rest[0]) && rest.Length > 1 && char.IsLowSurrogate(rest[1]) ? 2 : 1,
            TokenKind.Grapheme => StringInfo.GetNextTextElementLength(rest),
            _ => rest.IndexOf(tokenization.Separator, StringComparison.Ordinal) is >= 0 and var end ? end : rest.Length,
        };
        Current = rest[..length];
        rest = rest[length..];
        return true;
    }
}
