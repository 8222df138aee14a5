using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// New names from a network, character by character, with the numbers that <c>torch.multinomial</c> would draw. A name ends where the
/// network draws the boundary, or is cut at <see cref="NamesFile.LongestName"/> tokens.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
/// <param name="vocabulary">Its vocabulary.</param>
/// <param name="strategy">In which form.</param>
sealed class Sampler(KernelSet kernels, Mlp network, Vocabulary vocabulary, Strategy strategy)
{
    /// <summary>The seed of the lectures' samples.</summary>
    public const ulong LectureSeed = 2147483657;

    /// <summary>How many names were cut at the most tokens that a name may have, <see cref="NamesFile.LongestName"/>.</summary>
    public int Unended { get; private set; }

    /// <summary>Draws so many names, one after another from one generator.</summary>
    /// <param name="count">How many names.</param>
    /// <param name="seed">The generator's seed.</param>
    /// <param name="temperature">What logits are divided by: below 1 for likelier names, above 1 for stranger ones.</param>
    /// <param name="prompt">What every name begins with.</param>
    /// <exception cref="InvalidRequestException">
    /// The prompt holds a character that the model does not know, or the model has diverged.
    /// </exception>
    public IEnumerable<string> Sample(int count, ulong seed = LectureSeed, double temperature = 1, string prompt = "") =>
        Draw(new SamplingSettings { Seed = seed, Temperature = temperature, Prompt = prompt }).Take(count);

    /// <summary>Draws names without end, one after another from one generator.</summary>
    /// <param name="settings">How.</param>
    /// <exception cref="InvalidRequestException">
    /// The prompt holds a character that the model does not know, or the model has diverged.
    /// </exception>
    public IEnumerable<string> Draw(SamplingSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        return Names();

        IEnumerable<string> Names()
        {
            int[] beginning = vocabulary.Encode(settings.Prompt);
            var generator = new TorchGenerator(settings.Seed);
            using var next = new NextCharacter(kernels, network, strategy, settings);
            while (true)
            {
                yield return vocabulary.Decode(Continue(beginning, generator, next));
            }
        }
    }

    List<int> Continue(int[] beginning, TorchGenerator generator, NextCharacter next)
    {
        var context = new int[network.Recipe.Context];
        foreach (int token in beginning)
        {
            Push(context, token);
        }
        List<int> name = [.. beginning];
        while (name.Count < NamesFile.LongestName)
        {
            int token = generator.Multinomial(next.Probabilities(context));
            if (token == 0)
            {
                return name;
            }
            name.Add(token);
            Push(context, token);
        }
        Unended++;
        return name;
    }

    static void Push(int[] context, int token)
    {
        context.AsSpan(1).CopyTo(context);
        context[^1] = token;
    }
}
