using System.Text;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;
using Mlp = Makemore.Gpu.Model.Network.Mlp;

namespace Makemore.Gpu.Torch.Diagnostics;

/// <summary>The same training and diagnosis by torch, with autograd.</summary>
/// <param name="configuration">The settings.</param>
/// <param name="data">The names.</param>
sealed class TorchTraining(Configuration configuration, Dataset data) : IDisposable
{
    // Examples whose activations take a few hundred megabytes at most.
    const int EvaluationBatch = 16_384;

    readonly Generator generator = new(configuration.Seed, CPU);
    Network? network;

    /// <summary>Trains, looks at the batch of the next step, and evaluates.</summary>
    /// <param name="like">Which layers and matrices to look at.</param>
    public Diagnosis Run(Inspection like)
    {
        // Several threads have little to do for a batch, and spin where the machine has something else to do.
        set_num_threads(1);
        network = new Network(configuration.Recipe, data.Vocabulary.Count, generator, configuration.NormalizationSeed);
        var step = new AutogradStep(network);
        using Generator? own = configuration.BatchSeed is { } seed ? new Generator(seed, CPU) : null;
        Generator batches = own ?? generator;
        var loop = new TrainingLoop(step, configuration, batches);
        using var examples = new TensorSplit(data.Train);
        loop.Run(examples);
        (Tensor contexts, Tensor targets) = examples.Draw(configuration.Recipe.Batch, batches);
        var inspector = new TorchInspector(network, step);
        Inspection inspection = inspector.Inspect(contexts.flatten(), targets, like);
        double[] updates = [.. inspector.UpdateToData(configuration.LearningRate(configuration.Steps))];

        using IDisposable inference = inference_mode(true);
        if (configuration.Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            using DisposeScope scope = NewDisposeScope();
            network.Forward(examples.Contexts.flatten(), (norm, x) => norm.Calibrate(x));
        }
        return new Diagnosis(
            loop.Losses, inspection, updates, data.Splits.ToDictionary(part => part.Name, part => Loss(network, part.Split)));
    }

    /// <summary>New names from a network that Makemore.Gpu has trained, drawn one after another by <c>torch.multinomial</c>.</summary>
    /// <param name="trained">The network.</param>
    /// <param name="count">How many.</param>
    /// <param name="seed">The generator's seed.</param>
    public IReadOnlyList<string> Sample(Mlp trained, int count, ulong seed)
    {
        using IDisposable inference = inference_mode(true);
        network!.Load(trained);
        using var drawing = new Generator(seed, CPU);
        return [.. Enumerable.Range(0, count).Select(_ => Name(network, drawing))];
    }

    /// <inheritdoc/>
    public void Dispose() => generator.Dispose();

    static double Loss(Network network, Split split)
    {
        using var examples = new TensorSplit(split);
        double sum = 0;
        for (int first = 0; first < split.Count; first += EvaluationBatch)
        {
            using DisposeScope scope = NewDisposeScope();
            int size = Math.Min(EvaluationBatch, split.Count - first);
            Tensor logits = Logits(network, examples.Contexts.narrow(0, first, size).flatten());
            Tensor losses = cross_entropy(logits, examples.Targets.narrow(0, first, size), reduction: nn.Reduction.None);
            sum += losses.to_type(ScalarType.Float64).sum().item<double>();
        }
        return sum / split.Count;
    }

    string Name(Network network, Generator drawing)
    {
        var name = new StringBuilder();
        long[] context = new long[configuration.Recipe.Context];
        while (name.Length < NamesFile.LongestName)
        {
            using DisposeScope scope = NewDisposeScope();
            Tensor probabilities = softmax(Logits(network, tensor(context)), 1);
            long token = multinomial(probabilities, 1, generator: drawing).item<long>();
            if (token == 0)
            {
                break;
            }
            name.Append(data.Vocabulary.Tokens[(int)token]);
            context = [.. context[1..], token];
        }
        return name.ToString();
    }

    static Tensor Logits(Network network, Tensor tokens) => network.Forward(tokens, (norm, x) => norm.NormalizeFixed(x))[^1];
}
