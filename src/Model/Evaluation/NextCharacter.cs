using System.Runtime.InteropServices;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// The probabilities of the character that follows a context, softmax(logits / temperature), restricted to the likeliest where that is
/// wanted. They are kept, since names begin alike. A launch costs much more than a row of a small batch: with a small vocabulary the
/// network computes a context together with its siblings, which differ only in the last character. With a large one nearly all of V
/// siblings would be computed for nothing, each at the cost of V logits.
/// </summary>
sealed class NextCharacter : IDisposable
{
    // The most siblings that are computed together.
    const int MaxSiblings = 128;

    // Probabilities in the cache: 16 MB.
    const int MaxCached = 1 << 22;

    readonly SamplingSettings settings;
    readonly int vocabulary;
    readonly bool withSiblings;
    readonly IForwardPass forward;
    readonly Dictionary<string, float[]> cache = new(StringComparer.Ordinal);

    public NextCharacter(KernelSet kernels, Mlp network, Strategy strategy, SamplingSettings settings)
    {
        this.settings = settings;
        vocabulary = network.Vocabulary;
        forward = strategy.CreateForward(kernels, network, contexts: vocabulary <= MaxSiblings ? null : 1);
        // Of a very wide network a batch has few of them.
        withSiblings = vocabulary <= forward.MaxContexts;
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
        int[][] contexts = withSiblings
            ? [.. Enumerable.Range(0, vocabulary).Select(last => (int[])[.. context[..^1], last])]
            : [context];
        float[] logits = forward.Logits([.. contexts.SelectMany(sibling => sibling)]);
        if (cache.Count * vocabulary > MaxCached)
        {
            cache.Clear();
        }
        for (int i = 0; i < contexts.Length; i++)
        {
            float[] row = logits[(i * vocabulary)..((i + 1) * vocabulary)];
            Softmax(row);
            Truncation.Apply(row, settings.TopK, settings.TopP);
            cache[Key(contexts[i])] = row;
        }
    }

    void Softmax(float[] row)
    {
        if (!Array.TrueForAll(row, float.IsFinite))
        {
            throw new InvalidRequestException(
                "the model gives logits that are not finite numbers: it was not drawn, or too large, or it has diverged; "
                + $"train it again with a smaller {SettingName.LearningRate}, or with smaller weights "
                + $"({SettingName.Gain}, {SettingName.OutputScale})");
        }
        float temperature = (float)settings.Temperature;
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
    }
}
