using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// Whether a network can learn a batch by heart, as it must where the backward pass is right: a recipe, trained on its first batch over and
/// over. The loss cannot reach 0 where the same context has different targets: the best that any network can do is to give each
/// target the part of the cases in which it follows.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Losses">The loss of each step.</param>
/// <param name="Bound">The least loss that is possible: the entropy of the targets, given their contexts.</param>
/// <param name="Ambiguous">The contexts with several targets, those that cost most first.</param>
sealed record OverfitOneBatch(
    string Recipe, IReadOnlyList<float> Losses, double Bound, IReadOnlyList<AmbiguousContext> Ambiguous)
{
    /// <summary>Trains on one batch.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps.</param>
    /// <param name="recipe">The recipe; null for kaiming.</param>
    public static OverfitOneBatch Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        recipe ??= Recipes.Recipe.Named("kaiming");
        using ExperimentRun run = context.Draw(recipe);
        int[] batch = run.NextBatch();
        AmbiguousContext[] contexts = [.. AmbiguousContext.Of(context.Data, batch).OrderByDescending(ambiguous => ambiguous.Cost)];
        return new OverfitOneBatch(
            recipe.Name, Train(context, run, batch, steps), contexts.Sum(ambiguous => ambiguous.Cost) / batch.Length, contexts);
    }

    static List<float> Train(ExperimentContext context, ExperimentRun run, int[] batch, int steps)
    {
        KernelSet kernels = context.Kernels;
        Recipe recipe = run.Network.Recipe;
        using var split = new DeviceSplit(kernels, context.Data.Train);
        using ITrainingStep step = context.StrategyFor(recipe).CreateStep(kernels, run.Network, split, batch.Length);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D(
            kernels.Stream, [.. Enumerable.Repeat(batch, step.StepsPerLaunch).SelectMany(copy => copy)]);
        using MemoryBuffer1D<float, Stride1D.Dense> record = kernels.Accelerator.Allocate1D<float>(step.StepsPerLaunch);
        var losses = new List<float>(steps);
        while (losses.Count < steps)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(step.StepsPerLaunch, steps - losses.Count);
            step.Run(indices.View, count, (float)recipe.LearningRate, record.View);
            losses.AddRange(kernels.Read<float>(record.View.SubView(0, count)));
            context.Progress?.Report(new RunProgress(recipe.Name, losses.Count, steps));
        }
        return losses;
    }
}

/// <summary>A context of a batch that is followed by different characters.</summary>
/// <param name="Context">The context.</param>
/// <param name="Targets">The characters that follow it, one for each example.</param>
/// <param name="Cost">What it adds to the sum of the losses at best: for each target, -ln of its part of the cases.</param>
sealed record AmbiguousContext(string Context, string Targets, double Cost)
{
    internal static IEnumerable<AmbiguousContext> Of(Dataset data, int[] batch)
    {
        Split split = data.Train;
        return
            from example in batch
            let context = Text(split.ContextOf(example))
            group split.Tokens[example] by context into followers
            where followers.Distinct().Skip(1).Any()
            select new AmbiguousContext(followers.Key, Text(followers.Order()), Entropy(followers));

        string Text(IEnumerable<int> tokens) => data.Vocabulary.Decode(tokens);
    }

    static double Entropy(IEnumerable<int> targets)
    {
        int[] counts = [.. targets.CountBy(target => target).Select(pair => pair.Value)];
        double total = counts.Sum();
        return counts.Sum(count => -count * Math.Log(count / total));
    }
}
