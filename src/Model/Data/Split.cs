using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Embeddings;

namespace Makemore.Gpu.Model.Data;

/// <summary>
/// Examples of one split: for each character of each name, and its end, the characters before it. They are windows over one array, in
/// which the names stand one after another: each token is the target of an example, and what is before it in its name, the context.
/// </summary>
/// <param name="Tokens">The tokens of the names, each name followed by its end, token 0 [M]: the target of each example.</param>
/// <param name="Context">T, the tokens of a context.</param>
sealed record Split(int[] Tokens, int Context)
{
    /// <summary>How many examples there are, M.</summary>
    public int Count => Tokens.Length;

    /// <summary>The names whose examples these are, in the same order; none where the examples are no whole names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

    /// <summary>All examples, in their order [M].</summary>
    public int[] Examples => [.. Enumerable.Range(0, Count)];

    /// <summary>Makes the examples of some names.</summary>
    /// <param name="names">The names.</param>
    /// <param name="context">T, the tokens of a context, at least 1.</param>
    /// <param name="vocabulary">The tokens.</param>
    /// <exception cref="InvalidRequestException">A name holds a character that is not in the vocabulary.</exception>
    public static Split Of(IReadOnlyList<string> names, int context, Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(names);
        ArgumentNullException.ThrowIfNull(vocabulary);
        ArgumentOutOfRangeException.ThrowIfLessThan(context, 1);
        // One for each token of a name, and one for its end.
        var tokens = new int[names.Sum(name => vocabulary.Tokenization.Count(name) + 1)];
        int next = 0;
        foreach (string name in names)
        {
            // The end, which follows, is 0 already.
            next += vocabulary.Encode(name, tokens.AsSpan(next)) + 1;
        }
        return new Split(tokens, context) { Names = names };
    }

    /// <summary>
    /// A split that holds contexts and targets of no names, whatever they are. Each context lies in a row of its own, with its target
    /// behind it.
    /// </summary>
    /// <param name="contexts">The contexts [N, T].</param>
    /// <param name="targets">The targets [N].</param>
    /// <returns>The split, and which of its examples are these [N].</returns>
    public static (Split Split, int[] Examples) OfContexts(int[] contexts, int[] targets)
    {
        ArgumentNullException.ThrowIfNull(contexts);
        ArgumentNullException.ThrowIfNull(targets);
        int context = contexts.Length / targets.Length;
        var tokens = new int[targets.Length * (context + 1)];
        var examples = new int[targets.Length];
        for (int n = 0; n < targets.Length; n++)
        {
            examples[n] = (n * (context + 1)) + context;
            for (int t = 0; t < context; t++)
            {
                int token = contexts[(n * context) + t];
                // No end, which would hide what is before it.
                tokens[examples[n] - context + t] = token == BatchGather.End ? BatchGather.InnerBoundary : token;
            }
            tokens[examples[n]] = targets[n];
        }
        return (new Split(tokens, context), examples);
    }

    /// <summary>The first examples alone.</summary>
    /// <param name="count">How many.</param>
    public Split First(int count) => new(Tokens[..count], Context);

    /// <summary>The context of an example [T], boundaries where its name has not begun.</summary>
    /// <param name="example">The example, 0 … M-1.</param>
    public int[] ContextOf(int example)
    {
        var context = new int[Context];
        for (int t = Context - 1, i = example - 1; t >= 0 && i >= 0 && Tokens[i] != BatchGather.End; t--, i--)
        {
            context[t] = Math.Max(Tokens[i], BatchGather.End);
        }
        return context;
    }

    /// <summary>Whether two examples have the same context.</summary>
    /// <param name="one">The one example, 0 … M-1.</param>
    /// <param name="other">The other.</param>
    public bool HaveSameContext(int one, int other)
    {
        bool hasOne = true, hasOther = true;
        for (int back = 1; back <= Context && (hasOne || hasOther); back++)
        {
            int ofOne = TokenBack(one, back, ref hasOne);
            int ofOther = TokenBack(other, back, ref hasOther);
            if (ofOne != ofOther)
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>The contexts of some examples [N, T], row by row.</summary>
    /// <param name="examples">The examples [N].</param>
    public int[] ContextsOf(int[] examples) => [.. examples.SelectMany(ContextOf)];

    /// <summary>The targets of some examples [N].</summary>
    /// <param name="examples">The examples [N].</param>
    public int[] TargetsOf(int[] examples) => Array.ConvertAll(examples, example => Tokens[example]);

    // Boundaries from where the name begins.
    int TokenBack(int example, int back, ref bool isInName)
    {
        isInName &= example >= back && Tokens[example - back] != BatchGather.End;
        return isInName ? Math.Max(Tokens[example - back], BatchGather.End) : BatchGather.End;
    }
}
