using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Data;

namespace Makemore.Gpu.Model.Execution;

/// <summary>The contexts and targets of one batch of the layered form, gathered on the accelerator.</summary>
/// <param name="kernels">The kernels.</param>
/// <param name="batch">N, the largest batch.</param>
/// <param name="context">T, the tokens of a context.</param>
sealed class GatheredBatch(KernelSet kernels, int batch, int context) : IDisposable
{
    readonly MemoryBuffer1D<int, Stride1D.Dense> tokens = kernels.Accelerator.Allocate1D<int>((long)batch * context);
    readonly MemoryBuffer1D<int, Stride1D.Dense> targets = kernels.Accelerator.Allocate1D<int>(batch);

    /// <summary>The contexts [N, T].</summary>
    public ArrayView<int> Tokens => tokens.View;

    /// <summary>The targets [N].</summary>
    public ArrayView<int> Targets => targets.View;

    /// <summary>The memory that it takes.</summary>
    /// <param name="batch">N, the largest batch.</param>
    /// <param name="context">T, the tokens of a context.</param>
    public static IEnumerable<PlannedBuffer> Plan(int batch, int context) =>
        [PlannedBuffer.Of<int>("contexts of a batch", (long)batch * context), PlannedBuffer.Of<int>("targets of a batch", batch)];

    /// <summary>The memory that <see cref="GatherAll"/> takes beside it.</summary>
    /// <param name="batch">N, the largest batch.</param>
    public static IEnumerable<PlannedBuffer> PlanAll(int batch) =>
        [PlannedBuffer.Of<StepState>("state of an evaluation", 1), ExampleIndices.Plan(batch)];

    /// <summary>Gathers a full batch.</summary>
    /// <param name="split">The split.</param>
    /// <param name="indices">The examples [steps, N].</param>
    /// <param name="state">The step, whose batch is gathered [1].</param>
    public void Gather(DeviceSplit split, ArrayView<int> indices, ArrayView<StepState> state) =>
        kernels.BatchGather.Gather(split.Tokens, indices, state, context, Tokens, Targets);

    /// <summary>Gathers one batch after another.</summary>
    /// <param name="split">The split.</param>
    /// <param name="examples">The examples.</param>
    /// <returns>The contexts [N, T] and the targets [N] of a batch; the last batch has the examples that are left.</returns>
    public IEnumerable<(ArrayView<int> Tokens, ArrayView<int> Targets)> GatherAll(DeviceSplit split, IEnumerable<int> examples)
    {
        using MemoryBuffer1D<StepState, Stride1D.Dense> state = kernels.Accelerator.Allocate1D<StepState>(1);
        kernels.Sgd.Begin(learningRate: 0f, state.View);
        foreach (ArrayView<int> indices in ExampleIndices.Upload(kernels, examples, batch))
        {
            int size = indices.IntLength;
            (ArrayView<int> contexts, ArrayView<int> characters) = (Tokens.SubView(0, size * context), Targets.SubView(0, size));
            kernels.BatchGather.Gather(split.Tokens, indices, state.View, context, contexts, characters);
            yield return (contexts, characters);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        tokens.Dispose();
        targets.Dispose();
    }
}
