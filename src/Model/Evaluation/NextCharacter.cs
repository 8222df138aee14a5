using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// The probabilities of the character that follows a context, softmax(logits / temperature). A launch costs much more than a row of a
/// batch. So the network computes a context together with its siblings, which differ only in the last character, and caches the results.
/// </summary>
sealed class NextCharacter : IDisposable
{
    // Probabilities in the cache: 16 MB.
    const int MaxCached = 1 << 22;

    readonly IForwardPass forward;
    readonly int vocabulary;
    readonly float temperature;
    readonly Dictionary<string, float[]> cache = new(StringComparer.Ordinal);

    public NextCharacter(IForwardPass forward, Mlp network, float temperature)
    {
        this.forward = forward;
        this.temperature = temperature;
        vocabulary = network.Vocabulary;
    }

    /// <summary>The probabilities after a context.</summary>
    /// <param name="context">Its tokens.</param>
    /// <exception cref="InvalidRequestException">The model gives logits that are not finite numbers.</exception>
    public float[] Probabilities(int[] context)
    {
        if (!cache.TryGetValue(Key(context), out float[]? probabilities))
        {
            Compute(context);
            probabilities = cache[Key(context)];
        }
        return probabilities;
    }

    public void Dispose() => forward.Dispose();

    static string Key(int[] context) => new(MemoryMarshal.Cast<int, char>(context));

    void Compute(int[] context)
    {
        int[][] contexts = vocabulary <= forward.MaxContexts
            ? [.. Enumerable.Range(0, vocabulary).Select(last => (int[])[.. context[..^1], last])]
            : [context];
        float[] logits = forward.Logits([.. contexts.SelectMany(sibling => sibling)]);
        if (cache.Count * vocabulary > MaxCached)
        {
            cache.Clear();
        }
        foreach ((int[] sibling, float[] row) in contexts.Zip(logits.Chunk(vocabulary)))
        {
            cache[Key(sibling)] = Softmax(row);
        }
    }

    float[] Softmax(float[] row)
    {
        if (!row.All(float.IsFinite))
        {
            throw new InvalidRequestException(
                "the model gives logits that are not finite numbers: it has diverged; train it again with a smaller --learning-rate");
        }
        float largest = row.Max();
        float sum = 0f;
        for (int v = 0; v < row.Length; v++)
        {
            row[v] = MathF.Exp((row[v] - largest) / temperature);
            sum += row[v];
        }
        for (int v = 0; v < row.Length; v++)
        {
            row[v] /= sum;
        }
        return row;
    }
}
