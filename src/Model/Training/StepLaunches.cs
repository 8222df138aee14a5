using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;

namespace Makemore.Gpu.Model.Training;

/// <summary>Launches of training steps, with everything that they need, allocated once.</summary>
sealed class StepLaunches : IDisposable
{
    readonly KernelSet kernels;
    readonly Split examples;
    readonly FlatBatches flatBatches;
    readonly DeviceSplit split;
    readonly ITrainingStep step;
    readonly MemoryBuffer1D<int, Stride1D.Dense> indices;
    readonly MemoryBuffer1D<float, Stride1D.Dense> record;
    readonly int[] hostIndices;
    readonly float[] losses;
    readonly int batch;

    /// <summary>Allocates it.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="examples">The training split.</param>
    /// <param name="strategy">How a step is run.</param>
    public StepLaunches(KernelSet kernels, Mlp network, Split examples, Strategy strategy)
    {
        this.kernels = kernels;
        this.examples = examples;
        batch = network.Recipe.Batch;
        flatBatches = new FlatBatches(examples, network.Recipe);
        split = new DeviceSplit(kernels, examples);
        step = strategy.CreateStep(kernels, network, split, batch);
        indices = kernels.Accelerator.Allocate1D<int>((long)batch * MostSteps);
        record = kernels.Accelerator.Allocate1D<float>(MostSteps);
        hostIndices = new int[batch * MostSteps];
        losses = new float[MostSteps];
    }

    /// <summary>What steps take, with the examples and all else that they need.</summary>
    /// <param name="kernels">The kernels.</param>
    /// <param name="network">The network that is trained.</param>
    /// <param name="strategy">How a step is run.</param>
    /// <param name="plan">Whom to tell what the launches take.</param>
    public static StepPlan Plan(KernelSet kernels, Mlp network, Strategy strategy, LaunchPlan plan)
    {
        int batch = network.Recipe.Batch;
        StepPlan step = strategy.PlanStep(kernels, network, batch, plan);
        return step with
        {
            Buffers =
            [
                .. step.Buffers,
                PlannedBuffer.Of<int>("indices of a launch", (long)batch * step.StepsPerLaunch),
                PlannedBuffer.Of<float>("losses of a launch", step.StepsPerLaunch),
            ],
        };
    }

    /// <summary>The most steps of a launch.</summary>
    public int MostSteps => step.StepsPerLaunch;

    /// <summary>The examples of the first batch that was drawn [N], on the device.</summary>
    public ArrayView<int> FirstBatch => indices.View.SubView(0, batch);

    /// <summary>Draws the batches of the next steps, and copies them to the device.</summary>
    /// <param name="generator">The generator.</param>
    /// <param name="steps">How many steps.</param>
    /// <returns>How many of the steps come before the first whose batch cannot be normalized.</returns>
    public int Draw(TorchGenerator generator, int steps)
    {
        Span<int> drawn = hostIndices.AsSpan(0, steps * batch);
        generator.RandInt(0, examples.Count, drawn);
        indices.View.CopyFromCPU(kernels.Stream, hostIndices);
        return flatBatches.StepsBefore(drawn);
    }

    /// <summary>Runs steps on the batches that were drawn.</summary>
    /// <param name="steps">How many steps.</param>
    /// <param name="learningRate">Their learning rate.</param>
    /// <returns>Their losses [steps], which the next launch overwrites.</returns>
    public ReadOnlySpan<float> Run(int steps, float learningRate)
    {
        step.Run(indices.View, steps, learningRate, record.View);
        record.View.CopyToCPU(kernels.Stream, losses);
        kernels.Stream.Synchronize();
        return losses.AsSpan(0, steps);
    }

    /// <summary>Brings the network's own parameters up to date.</summary>
    public void Store() => step.Store();

    /// <inheritdoc/>
    public void Dispose()
    {
        record.Dispose();
        indices.Dispose();
        step.Dispose();
        split.Dispose();
    }
}
