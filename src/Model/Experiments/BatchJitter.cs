using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Model.Experiments;

/// <summary>
/// How much an example's logits depend on the examples that happen to share its batch. Batch normalization takes mean and deviation from
/// them, so that the same example gives other logits each time it is trained on: a jitter that makes it harder to learn it by heart.
/// </summary>
/// <param name="Recipe">The recipe's name.</param>
/// <param name="Steps">The steps that the network was trained for.</param>
/// <param name="Context">The example's context.</param>
/// <param name="Target">The example's target, by its index in <see cref="Characters"/>.</param>
/// <param name="Characters">The characters of the logits.</param>
/// <param name="InBatches">The example's logits in each of <see cref="Batches"/> batches [batches, V], normalized as in training.</param>
/// <param name="Alone">Its logits in evaluation [V], normalized by the statistics of the whole training split.</param>
sealed record BatchJitter(
    string Recipe, int Steps, string Context, int Target, IReadOnlyList<string> Characters, IReadOnlyList<float[]> InBatches,
    IReadOnlyList<float> Alone)
{
    /// <summary>How many batches the example is put into.</summary>
    public const int Batches = 100;

    /// <summary>The mean and the standard deviation over n-1 of each logit over the batches [V].</summary>
    public IReadOnlyList<LogitSpread> Spreads => [.. Alone.Select((_, character) => Spread(character))];

    /// <summary>Trains a network, and puts its next example into one batch after another.</summary>
    /// <param name="context">The accelerator, the data and the seed.</param>
    /// <param name="steps">The steps of training.</param>
    /// <param name="recipe">The recipe; null for batchnorm.</param>
    public static BatchJitter Run(ExperimentContext context, int steps, Recipe? recipe = null)
    {
        ArgumentNullException.ThrowIfNull(context);
        recipe ??= Recipes.Recipe.Named("batchnorm");
        using ExperimentRun run = context.Draw(recipe);
        run.Train(steps);
        int example = run.NextBatch()[0];
        float[][] inBatches = [.. Enumerable.Range(0, Batches).Select(_ => InBatch(context, run, example))];

        Split train = context.Data.Train;
        int[] tokens = train.ContextOf(example);
        return new BatchJitter(
            recipe.Name, steps, context.Data.Vocabulary.Decode(tokens), train.Tokens[example],
            context.Data.Vocabulary.Tokens, inBatches, Evaluated(context, run, tokens));
    }

    // The example takes the first row of the next batch.
    static float[] InBatch(ExperimentContext context, ExperimentRun run, int example)
    {
        KernelSet kernels = context.Kernels;
        using MemoryBuffer1D<int, Stride1D.Dense> batch = kernels.Accelerator.Allocate1D(
            kernels.Stream, (int[])[example, .. run.NextBatch().Skip(1)]);
        run.Inspector.RunBatch(batch.View);
        return kernels.Read<float>(run.Inspector.Activations.Logits.First(run.Network.Vocabulary));
    }

    static float[] Evaluated(ExperimentContext context, ExperimentRun run, int[] tokens)
    {
        Strategy strategy = context.StrategyFor(run.Network.Recipe);
        // After few steps, the running statistics would still show their start.
        Calibration.Calibrate(context.Kernels, run.Network, strategy, context.Data.Train, cancellation: context.Cancellation);
        using IForwardPass forward = strategy.CreateForward(context.Kernels, run.Network);
        return forward.Logits(tokens);
    }

    LogitSpread Spread(int character)
    {
        (double mean, double deviation) = InBatches.Select(logits => (double)logits[character]).MeanStandardDeviation();
        return new LogitSpread(mean, deviation);
    }
}

/// <summary>A logit over many batches.</summary>
/// <param name="Mean">Its mean.</param>
/// <param name="StandardDeviation">Its standard deviation over n-1.</param>
sealed record LogitSpread(double Mean, double StandardDeviation);
