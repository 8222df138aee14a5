using System.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using TorchSharp;
using static TorchSharp.torch;

namespace Makemore.Gpu.Torch;

/// <summary>
/// The training loop. As in <see cref="Model.Training.Trainer"/>, batches are drawn and losses read in chunks of many steps.
/// </summary>
/// <param name="step">The step.</param>
/// <param name="configuration">The settings.</param>
/// <param name="generator">The generator that drew the parameters: it goes on to draw the batches.</param>
sealed class TrainingLoop(ITrainingStep step, Configuration configuration, Generator generator)
{
    /// <summary>The first steps, which are not timed: .NET compiles, and torch finds its threads.</summary>
    public const int WarmUpSteps = 200;

    const int ChunkSteps = 100;

    readonly Stopwatch clock = new();
    readonly List<float> losses = new(configuration.Steps);

    /// <summary>Called before the first step that is timed; null for nothing.</summary>
    public Action? Begin { get; init; }

    /// <summary>The loss of every step.</summary>
    public IReadOnlyList<float> Losses => losses;

    /// <summary>The speed of the loop after the warm-up.</summary>
    public double StepsPerSecond => (configuration.Steps - WarmUpSteps) / clock.Elapsed.TotalSeconds;

    /// <summary>Trains.</summary>
    /// <param name="examples">The training split.</param>
    public void Run(TensorSplit examples)
    {
        while (losses.Count < configuration.Steps)
        {
            if (losses.Count == WarmUpSteps)
            {
                Begin?.Invoke();
                clock.Start();
            }
            RunChunk(examples, Math.Min(ChunkSteps, configuration.Steps - losses.Count));
        }
        clock.Stop();
    }

    void RunChunk(TensorSplit examples, int steps)
    {
        using DisposeScope chunk = NewDisposeScope();
        (Tensor contexts, Tensor targets) = examples.Draw(steps * configuration.Recipe.Batch, generator);
        Tensor[] tokensOfStep = contexts.view(steps, -1).unbind(0L);
        Tensor[] targetsOfStep = targets.view(steps, -1).unbind(0L);
        var lossOfStep = new Tensor[steps];
        for (int i = 0; i < steps; i++)
        {
            using DisposeScope scope = NewDisposeScope();
            float learningRate = configuration.LearningRate(losses.Count + i);
            lossOfStep[i] = step.Run(tokensOfStep[i], targetsOfStep[i], learningRate).MoveToOuterDisposeScope();
        }
        losses.AddRange(stack(lossOfStep).data<float>());
    }
}
