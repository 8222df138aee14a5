using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// Whether a network can learn a batch by heart, as it must where the backward pass is right: recipe kaiming, trained on its first batch
/// over and over. The loss cannot reach 0 where the same context has different targets: the best that any network can do is to give each
/// target the part of the cases in which it follows.
/// </summary>
/// <param name="Losses">The loss of each step.</param>
/// <param name="Bound">The least loss that is possible: the entropy of the targets, given their contexts.</param>
/// <param name="Ambiguous">The contexts with several targets, those that cost most first.</param>
public sealed record OverfitOneBatch(IReadOnlyList<float> Losses, double Bound, IReadOnlyList<AmbiguousContext> Ambiguous)
{
    /// <summary>Trains on one batch.</summary>
    /// <param name="laboratory">Where.</param>
    /// <param name="steps">The steps.</param>
    public static OverfitOneBatch Run(ExperimentContext laboratory, int steps)
    {
        ArgumentNullException.ThrowIfNull(laboratory);
        using ExperimentRun trial = laboratory.Draw(Recipe.Named("kaiming"));
        int[] batch = trial.NextBatch();
        AmbiguousContext[] contexts = [.. AmbiguousContext.Of(laboratory.Data, batch).OrderByDescending(context => context.Cost)];
        return new OverfitOneBatch(Train(laboratory, trial, batch, steps), contexts.Sum(context => context.Cost) / batch.Length, contexts);
    }

    static List<float> Train(ExperimentContext laboratory, ExperimentRun trial, int[] batch, int steps)
    {
        KernelSet kernels = laboratory.Kernels;
        Recipe recipe = trial.Network.Recipe;
        using var split = new DeviceSplit(kernels, laboratory.Data.Train);
        using ITrainingStep step = laboratory.StrategyFor(recipe).CreateStep(kernels, trial.Network, split, batch.Length);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D(
            kernels.Stream, [.. Enumerable.Repeat(batch, step.StepsPerLaunch).SelectMany(copy => copy)]);
        using MemoryBuffer1D<float, Stride1D.Dense> record = kernels.Accelerator.Allocate1D<float>(step.StepsPerLaunch);
        var losses = new List<float>(steps);
        while (losses.Count < steps)
        {
            laboratory.Cancellation.ThrowIfCancellationRequested();
            int chunk = Math.Min(step.StepsPerLaunch, steps - losses.Count);
            step.Run(indices.View, chunk, (float)recipe.LearningRate, record.View);
            losses.AddRange(kernels.Read<float>(record.View.SubView(0, chunk)));
        }
        return losses;
    }
}

/// <summary>A context of a batch that is followed by different characters.</summary>
/// <param name="Context">The context.</param>
/// <param name="Targets">The characters that follow it, one for each example.</param>
/// <param name="Cost">What it adds to the sum of the losses at best: for each target, -ln of its part of the cases.</param>
public sealed record AmbiguousContext(string Context, string Targets, double Cost)
{
    internal static IEnumerable<AmbiguousContext> Of(Dataset data, int[] batch)
    {
        Split split = data.Train;
        return
            from example in batch
            let context = Text(split.Contexts.AsSpan(example * split.Context, split.Context).ToArray())
            group split.Targets[example] by context into followers
            where followers.Distinct().Skip(1).Any()
            select new AmbiguousContext(followers.Key, Text(followers.Order()), Entropy(followers));

        string Text(IEnumerable<int> tokens) => string.Concat(tokens.Select(data.Vocabulary.Character));
    }

    static double Entropy(IEnumerable<int> targets)
    {
        int[] counts = [.. targets.CountBy(target => target).Select(pair => pair.Value)];
        double total = counts.Sum();
        return counts.Sum(count => -count * Math.Log(count / total));
    }
}
