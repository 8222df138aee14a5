using System.Diagnostics;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;

namespace Makemore.Gpu.Model.Training;

/// <summary>What a step of training gave.</summary>
/// <param name="Step">The step, from 0.</param>
/// <param name="Loss">The mean loss of its batch, before its update, plus the L2 loss where there is one.</param>
/// <param name="LearningRate">Its learning rate.</param>
public readonly record struct StepResult(int Step, float Loss, float LearningRate);

/// <summary>
/// The training loop. Many steps are launched at a time: before them the indices of their batches are copied to the device, after them
/// their losses are copied back, and between them nothing is copied or waited for.
/// </summary>
/// <param name="kernels">The kernels.</param>
/// <param name="network">The network, its parameters drawn.</param>
/// <param name="configuration">The settings.</param>
/// <param name="generator">The generator that drew the parameters: it goes on to draw the batches.</param>
/// <param name="strategy">How a step is run.</param>
public sealed class Trainer(KernelSet kernels, Mlp network, Configuration configuration, TorchGenerator generator, Strategy strategy)
{
    readonly Stopwatch clock = new();
    int timedSteps;
    float firstLoss;

    /// <summary>What looks at the network while it is trained; null for nothing.</summary>
    public TrainingWatch? Watch { get; init; }

    /// <summary>Steps that were completed.</summary>
    public int StepsDone { get; private set; }

    /// <summary>
    /// The speed of the loop so far, in steps a second. The first step, in which kernels are compiled, does not count, nor does the
    /// time of the watch and of the listener.
    /// </summary>
    public double StepsPerSecond => timedSteps == 0 ? 0 : timedSteps / clock.Elapsed.TotalSeconds;

    /// <summary>Trains to the end of the configuration's steps, or until canceled.</summary>
    /// <param name="examples">The training split.</param>
    /// <param name="listener">Called with the results of the steps of each launch; the first launch is step 0 alone.</param>
    /// <param name="cancellation">Stops between two launches; the network is then as after <see cref="StepsDone"/> steps.</param>
    /// <exception cref="FlatBatchException">The examples of a drawn batch do not differ, and the normalization has no ε.</exception>
    /// <exception cref="DivergedException">
    /// The loss became infinite or not a number. Where the normalization has no ε, the network's parameters are lost.
    /// </exception>
    public void Run(Split examples, Action<IReadOnlyList<StepResult>> listener, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(examples);
        ArgumentNullException.ThrowIfNull(listener);
        int batch = configuration.Recipe.Batch;
        using var split = new DeviceSplit(kernels, examples);
        using ITrainingStep step = strategy.CreateStep(kernels, network, split, batch);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = kernels.Accelerator.Allocate1D<int>((long)batch * step.StepsPerLaunch);
        using MemoryBuffer1D<float, Stride1D.Dense> record = kernels.Accelerator.Allocate1D<float>(step.StepsPerLaunch);
        var hostIndices = new int[batch * step.StepsPerLaunch];
        var losses = new float[step.StepsPerLaunch];
        var results = new List<StepResult>(step.StepsPerLaunch);
        var flatBatches = new FlatBatches(examples, configuration.Recipe);
        // Where the loss is no number, the same steps once more tell whether a feature did not vary, which without an ε is fatal.
        int start = StepsDone;
        using StepReplay? replay =
            configuration.Recipe.Normalization is { NeedsSpread: true } ? new StepReplay(kernels, network, generator) : null;
        try
        {
            while (StepsDone < configuration.Steps && !cancellation.IsCancellationRequested)
            {
                int drawn = Math.Min(step.StepsPerLaunch, NextSteps());
                StartClock();
                generator.RandInt(0, examples.Count, hostIndices.AsSpan(0, drawn * batch));
                int steps = flatBatches.StepsBefore(hostIndices.AsSpan(0, drawn * batch));
                if (steps == 0)
                {
                    throw new FlatBatchException(StepsDone, batch);
                }
                indices.View.CopyFromCPU(kernels.Stream, hostIndices);
                if (Watch is not null && StepsDone % Watch.Every == 0)
                {
                    clock.Stop();
                    step.Store();
                    Watch.Look(StepsDone, indices.View.SubView(0, batch), configuration.LearningRate(StepsDone));
                    StartClock();
                }
                step.Run(indices.View, steps, configuration.LearningRate(StepsDone), record.View);
                record.View.CopyToCPU(kernels.Stream, losses);
                kernels.Stream.Synchronize();
                clock.Stop();
                timedSteps += StepsDone == 0 ? 0 : steps;
                if (Report(losses, steps, results, listener) is { } diverged)
                {
                    FlatFeatures? flat = replay?.FlatFeaturesAfter(
                        examples, batches => Repeat(examples, batches, start, diverged.Step), diverged.LearningRate);
                    throw new Divergence(diverged.Step, diverged.Loss, firstLoss, network.Vocabulary, flat).ToException();
                }
                if (steps < drawn)
                {
                    throw new FlatBatchException(StepsDone, batch);
                }
            }
        }
        finally
        {
            // Also where the listener or the loss ends the run: the network then has the parameters of the last step.
            step.Store();
        }
    }

    void Repeat(Split examples, TorchGenerator batches, int start, int end)
    {
        var again = new Trainer(kernels, network, configuration with { Steps = end }, batches, strategy) { StepsDone = start };
        again.Run(examples, _ => { });
    }

    void StartClock()
    {
        if (StepsDone > 0)
        {
            clock.Start();
        }
    }

    // The first step runs alone, since it compiles the kernels. After it, a launch goes on until the learning rate drops, the watch looks,
    // or training ends.
    int NextSteps()
    {
        if (StepsDone == 0)
        {
            return 1;
        }
        int untilLook = Watch is null ? int.MaxValue : Watch.Every - (StepsDone % Watch.Every);
        int end = StepsDone < configuration.DropAt ? Math.Min(configuration.DropAt, configuration.Steps) : configuration.Steps;
        return Math.Min(untilLook, end - StepsDone);
    }

    // Gives the step whose loss is no number, which is then the last one that is reported.
    StepResult? Report(float[] losses, int steps, List<StepResult> results, Action<IReadOnlyList<StepResult>> listener)
    {
        results.Clear();
        StepResult? diverged = null;
        for (int i = 0; i < steps && diverged is null; i++)
        {
            int step = StepsDone + i;
            var result = new StepResult(step, losses[i], configuration.LearningRate(step));
            results.Add(result);
            diverged = float.IsFinite(result.Loss) ? null : result;
        }
        firstLoss = StepsDone == 0 ? losses[0] : firstLoss;
        StepsDone += steps;
        listener(results);
        return diverged;
    }
}
