using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Model.Data;

/// <summary>Examples of one split: for each character of each name, and its end, the characters before it.</summary>
/// <param name="Contexts">The tokens before each target [M, T], flattened; boundaries where a name has not begun.</param>
/// <param name="Targets">The token to predict [M].</param>
/// <param name="Context">T, the tokens of a context.</param>
public sealed record Split(int[] Contexts, int[] Targets, int Context)
{
    /// <summary>How many examples there are, M.</summary>
    public int Count => Targets.Length;

    /// <summary>The names whose examples these are, in the same order; none where the examples are no whole names.</summary>
    public IReadOnlyList<string> Names { get; init; } = [];

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
        var contexts = new List<int>();
        var targets = new List<int>();
        var window = new int[context];
        foreach (string name in names)
        {
            Array.Clear(window);
            foreach (int token in vocabulary.Encode(name).Append(0))
            {
                contexts.AddRange(window);
                targets.Add(token);
                window.AsSpan(1).CopyTo(window);
                window[^1] = token;
            }
        }
        return new Split([.. contexts], [.. targets], context) { Names = names };
    }
}
