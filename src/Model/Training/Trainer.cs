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

/// <summary>The loss is no longer a number: training cannot go on.</summary>
/// <param name="step">The step.</param>
/// <param name="loss">Its loss.</param>
public sealed class DivergedException(int step, float loss)
    : Exception(step == 0
        ? $"the loss is {loss} before the first update: try other scales of the weights (--gain, --hidden-scale, --output-scale)"
        : $"the loss became {loss} at step {step}: try a smaller --learning-rate")
{
    /// <summary>The step, from 0.</summary>
    public int Step => step;
}

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
    /// <exception cref="DivergedException">The loss became infinite or not a number.</exception>
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
        try
        {
            while (StepsDone < configuration.Steps && !cancellation.IsCancellationRequested)
            {
                int steps = Math.Min(step.StepsPerLaunch, NextSteps());
                StartClock();
                generator.RandInt(0, examples.Count, hostIndices.AsSpan(0, steps * batch));
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
                Report(losses, steps, results, listener);
            }
        }
        finally
        {
            // Also where the listener or the loss ends the run: the network then has the parameters of the last step.
            step.Store();
        }
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

    void Report(float[] losses, int steps, List<StepResult> results, Action<IReadOnlyList<StepResult>> listener)
    {
        results.Clear();
        DivergedException? diverged = null;
        for (int i = 0; i < steps && diverged is null; i++)
        {
            int step = StepsDone + i;
            results.Add(new StepResult(step, losses[i], configuration.LearningRate(step)));
            diverged = float.IsFinite(losses[i]) ? null : new DivergedException(step, losses[i]);
        }
        StepsDone += steps;
        listener(results);
        if (diverged is not null)
        {
            throw diverged;
        }
    }
}
