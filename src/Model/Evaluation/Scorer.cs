using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;

namespace Makemore.Gpu.Model.Evaluation;

/// <summary>
/// How likely a network finds names, character by character. A name's mean is the loss of its examples with the other sign.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network.</param>
/// <param name="vocabulary">Its vocabulary.</param>
/// <param name="strategy">In which form.</param>
sealed class Scorer(KernelSet kernels, Mlp network, Vocabulary vocabulary, Strategy strategy)
{
    // Names of a split: enough to fill launches, few enough that the first scores come soon.
    const int Names = 10_000;

    /// <summary>Scores names, in their order.</summary>
    /// <param name="names">The names.</param>
    /// <param name="cancellation">Gives up between two launches.</param>
    /// <exception cref="InvalidRequestException">
    /// A name holds a character that the model does not know, or the model has diverged.
    /// </exception>
    public IEnumerable<NameScore> Score(IEnumerable<string> names, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(names);
        using IForwardPass forward = strategy.CreateForward(kernels, network);
        foreach (string[] part in names.Chunk(Names))
        {
            var split = Split.Of(part, network.Recipe.Context, vocabulary);
            using var data = new DeviceSplit(kernels, split);
            float[] losses = [.. forward.Losses(data, data.Examples, cancellation).SelectMany(launch => launch)];
            int first = 0;
            foreach (string name in part)
            {
                // The end of a name is its first target that is a boundary.
                int end = Array.IndexOf(split.Tokens, 0, first);
                yield return new NameScore(name, [.. Enumerable.Range(first, end - first + 1).Select(Character)]);
                first = end + 1;
            }

            CharacterScore Character(int example) => float.IsFinite(losses[example])
                ? new CharacterScore(vocabulary.Decode([split.Tokens[example]]), -losses[example])
                : throw new InvalidRequestException(
                    "the model gives losses that are not finite numbers: it was not drawn, or too large, or it has diverged; "
                + $"train it again with a smaller {SettingName.LearningRate}, or with smaller weights "
                + $"({SettingName.Gain}, {SettingName.OutputScale})");
        }
    }
}

/// <summary>How likely a network finds a name.</summary>
/// <param name="Name">The name.</param>
/// <param name="Characters">Its characters, and the end.</param>
sealed record NameScore(string Name, IReadOnlyList<CharacterScore> Characters)
{
    /// <summary>The logarithm of the probability that the network draws this name.</summary>
    public double LogProbability => Characters.Sum(character => character.LogProbability);

    /// <summary>Its mean over the characters and the end: the loss of these examples with the other sign.</summary>
    public double MeanLogProbability => LogProbability / Characters.Count;

    /// <summary>The characters that the network expected least, the least expected one first, each with its position from 0.</summary>
    /// <param name="count">How many.</param>
    public IEnumerable<(int Position, CharacterScore Character)> LeastExpected(int count) =>
        Characters.Index().OrderBy(character => character.Item.LogProbability).Take(count);
}

/// <summary>How likely a network finds a character after those before it.</summary>
/// <param name="Character">The character; the boundary for the end of the name.</param>
/// <param name="LogProbability">The logarithm of its probability.</param>
readonly record struct CharacterScore(string Character, double LogProbability)
{
    /// <summary>Its probability.</summary>
    public double Probability => Math.Exp(LogProbability);
}
