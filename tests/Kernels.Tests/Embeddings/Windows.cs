using Makemore.Gpu.Kernels.Embeddings;

namespace Makemore.Gpu.Kernels.Tests.Embeddings;

/// <summary>Tokens as a data set holds them, and the contexts in them, by a loop that finds the beginning of a name first.</summary>
static class Windows
{
    /// <summary>Kinds of names.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["of any length", "of length 0", "without an end"];

    /// <summary>Some tokens.</summary>
    /// <param name="kind">The names in them.</param>
    /// <param name="count">How many tokens.</param>
    public static int[] Data(string kind, int count)
    {
        int[] tokens = Samples.Integers(count, 27, seed: 1);
        return kind switch
        {
            "of length 0" => new int[count],
            "without an end" => Array.ConvertAll(tokens, token => token + 1),
            // A name of n tokens after one of n - 1, from 0 on.
            _ => [.. Enumerable.Range(0, count).SelectMany(n => Enumerable.Range(1, n).Append(0)).Take(count)],
        };
    }

    /// <summary>The context of an example.</summary>
    /// <param name="data">The tokens.</param>
    /// <param name="example">The example.</param>
    /// <param name="context">T.</param>
    public static int[] Context(int[] data, int example, int context)
    {
        int beginning = Array.LastIndexOf(data[..example], BatchGather.End) + 1;
        return [.. Enumerable.Range(example - context, context).Select(i => i < beginning ? 0 : data[i])];
    }
}
