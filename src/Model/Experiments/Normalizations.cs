using ILGPU;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// What a small batch does to each kind of normalization: recipe kaiming's network, trained with each at several batch sizes for the same
/// steps. The statistics of a small batch are rough, and batch normalization has learned with them; the other kinds never see a batch.
/// </summary>
/// <param name="Steps">The steps of each training.</param>
/// <param name="Runs">The trainings: each kind at each batch size, the smallest first.</param>
sealed record Normalizations(int Steps, IReadOnlyList<NormalizedRun> Runs)
{
    // Multiples of every batch.
    const int MinExamples = 256, MaxExamples = 8192;

    /// <summary>The batch sizes.</summary>
    public static IReadOnlyList<int> Batches { get; } = [2, 8, 32, 256];

    /// <summary>Trains each network and measures it on examples of the dev split.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of each training.</param>
    public static Normalizations Run(ExperimentContext context, int steps)
    {
        ArgumentNullException.ThrowIfNull(context);
        Normalization batch = Normalization.Default;
        (string Name, Normalization? Normalization)[] kinds =
        [
            ("batch", batch),
            ("layer", batch.OfExamples(NormalizationKind.Layer, groups: 1)),
            ("group:4", batch.OfExamples(NormalizationKind.Group, groups: 4)),
            ("none", null),
        ];
        (string Name, Recipe Recipe)[] networks =
        [
            .. from kind in kinds
               from size in Batches
               select (kind.Name, Recipe.Named("kaiming") with { Batch = size, Normalization = kind.Normalization }),
        ];
        foreach ((_, Recipe recipe) in networks)
        {
            // A strategy that a network cannot have is refused before the first one trains.
            context.StrategyFor(recipe);
        }
        // Drawn as batches of training are: neighbors in a split belong to one name.
        var examples = new int[Math.Clamp(context.Data.Dev.Count / MinExamples * MinExamples, MinExamples, MaxExamples)];
        context.CreateGenerator().RandInt(0, context.Data.Dev.Count, examples);
        return new Normalizations(
            steps, [.. networks.Select(network => Measure(context, network.Name, network.Recipe, examples, steps))]);
    }

    static NormalizedRun Measure(ExperimentContext context, string name, Recipe recipe, int[] examples, int steps)
    {
        using ExperimentRun run = context.Draw(recipe);
        if (run.Train(steps).DivergedAt is { } step)
        {
            return new NormalizedRun(name, recipe.Batch, step, null, null);
        }
        using var evaluator = new Evaluator(context.Kernels, run.Network, context.StrategyFor(recipe));
        return new NormalizedRun(
            name, recipe.Batch, null, LossInBatches(context, run.Network, examples),
            evaluator.Loss(context.Data.Dev, examples, context.Cancellation));
    }

    // In evaluation a batch would be normalized by the running statistics. By its own it is as in training, where nothing is learned.
    static double LossInBatches(ExperimentContext context, Mlp network, int[] examples)
    {
        KernelSet kernels = context.Kernels;
        using var split = new DeviceSplit(kernels, context.Data.Dev);
        using var batch = new GatheredBatch(kernels, network.Recipe.Batch, network.Recipe.Context);
        using var activations = new Activations(kernels, network, network.Recipe.Batch, withGradients: false);
        using var store = new TensorStore(kernels.Launcher, withGradients: false);
        Tensor losses = store.Add("losses", network.Recipe.Batch);
        double sum = 0;
        foreach ((ArrayView<int> tokens, ArrayView<int> targets) in batch.GatherAll(split, examples))
        {
            context.Cancellation.ThrowIfCancellationRequested();
            network.Forward(tokens, activations, Pass.Diagnosis);
            kernels.SoftmaxCrossEntropy.Loss(activations.Logits.Data, targets, network.Vocabulary, losses.Data);
            foreach (float loss in losses.ToArray())
            {
                sum += loss;
            }
        }
        return sum / examples.Length;
    }
}

/// <summary>A network trained with a kind of normalization.</summary>
/// <param name="Normalization">The kind, as the option --normalization names it.</param>
/// <param name="Batch">N, the examples of a step.</param>
/// <param name="DivergedAt">The step at which the loss was no longer a number; null where it stayed one.</param>
/// <param name="LossInBatches">
/// The mean loss afterwards where N examples at a time are normalized as in training; null where training diverged.
/// </param>
/// <param name="Loss">The mean loss of the same examples, each judged by itself; null where training diverged.</param>
sealed record NormalizedRun(string Normalization, int Batch, int? DivergedAt, double? LossInBatches, double? Loss);
