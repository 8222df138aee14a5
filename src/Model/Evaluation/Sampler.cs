using System.Text;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>New names from a network, character by character, with the numbers that <c>torch.multinomial</c> would draw.</summary>
public sealed class Sampler : IDisposable
{
    /// <summary>The seed of the lectures' samples.</summary>
    public const ulong LectureSeed = 2147483657;

    readonly KernelSet kernels;
    readonly Mlp network;
    readonly Vocabulary vocabulary;
    readonly Activations activations;
    readonly MemoryBuffer1D<int, Stride1D.Dense> tokens;
    readonly int[] window;
    readonly float[] logits;

    /// <summary>Allocates what sampling needs.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network.</param>
    /// <param name="vocabulary">Its vocabulary.</param>
    public Sampler(KernelSet kernels, Mlp network, Vocabulary vocabulary)
    {
        ArgumentNullException.ThrowIfNull(kernels);
        ArgumentNullException.ThrowIfNull(network);
        this.kernels = kernels;
        this.network = network;
        this.vocabulary = vocabulary;
        activations = new Activations(kernels, network, batch: 1, withGradients: false);
        tokens = kernels.Accelerator.Allocate1D<int>(network.Recipe.Context);
        window = new int[network.Recipe.Context];
        logits = new float[network.Vocabulary];
    }

    /// <summary>Draws one name after another from one generator.</summary>
    /// <param name="count">How many names.</param>
    /// <param name="seed">The generator's seed.</param>
    /// <param name="temperature">What logits are divided by: below 1 for likelier names, above 1 for stranger ones.</param>
    /// <param name="prompt">What every name begins with.</param>
    /// <exception cref="InvalidRequestException">The prompt holds a character that the model does not know, or the model has diverged.</exception>
    public IEnumerable<string> Sample(int count, ulong seed = LectureSeed, double temperature = 1, string prompt = "")
    {
        int[] beginning = [.. vocabulary.Encode(prompt)];
        var generator = new TorchGenerator(seed);
        for (int i = 0; i < count; i++)
        {
            yield return prompt + Continue(beginning, generator, (float)temperature);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        activations.Dispose();
        tokens.Dispose();
    }

    string Continue(int[] beginning, TorchGenerator generator, float temperature)
    {
        Array.Clear(window);
        foreach (int token in beginning)
        {
            Push(token);
        }
        var name = new StringBuilder();
        while (name.Length < NamesFile.LongestName)
        {
            int token = generator.Multinomial(NextProbabilities(temperature));
            if (token == 0)
            {
                break;
            }
            name.Append(vocabulary.Character(token));
            Push(token);
        }
        return name.ToString();
    }

    void Push(int token)
    {
        window.AsSpan(1).CopyTo(window);
        window[^1] = token;
    }

    // softmax(logits / temperature), in place
    float[] NextProbabilities(float temperature)
    {
        tokens.View.CopyFromCPU(kernels.Stream, window);
        network.Forward(tokens.View, activations, Pass.Evaluation);
        activations.Logits.Data.CopyToCPU(kernels.Stream, logits);
        kernels.Stream.Synchronize();

        if (!logits.All(float.IsFinite))
        {
            throw new InvalidRequestException("the model gives logits that are not finite numbers: it has diverged; train it again with a smaller --learning-rate");
        }
        float largest = logits.Max();
        float sum = 0f;
        for (int v = 0; v < logits.Length; v++)
        {
            logits[v] = MathF.Exp((logits[v] - largest) / temperature);
            sum += logits[v];
        }
        for (int v = 0; v < logits.Length; v++)
        {
            logits[v] /= sum;
        }
        return logits;
    }
}
