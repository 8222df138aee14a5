using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>Gathers a training batch out of a data set that is resident on the device.</summary>
/// <remarks>
/// <para>For a data set of M examples with contexts of T tokens, and a batch of N indices. There is no backward pass.</para>
/// <code>
/// tokens[n, t]    = contexts[indices[step, n], t]     contexts [M, T], indices [steps, N], tokens [N, T]
/// batchTargets[n] = targets[indices[step, n]]         targets [M], batchTargets [N]
/// </code>
/// <para>
/// Cost. Reads N indices and N·(T + 1) scattered tokens, writes N·(T + 1) tokens, computes nothing. The host copies only indices, those of
/// many steps at a time.
/// </para>
/// <para>Runs as.</para>
/// <code>
/// CPU accelerator, OpenCL on a processor, GPUs    GatherKernel, one thread per example
/// fused by threads, fused by warps                TileBatchGather, which transposes the batch: an example per column
/// small steps                                     GatherKernel, as above
/// </code>
/// <para>Reference: the indexing of the lecture, <c>Xtr[ix], Ytr[ix]</c>.</para>
/// </remarks>
public sealed class BatchGather
{
    readonly Launcher launcher;
    readonly Action<
        AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<StepState>, int, int, ArrayView<int>,
        ArrayView<int>> gather;

    /// <summary>Loads the kernel.</summary>
    /// <param name="launcher">Where to load and launch it.</param>
    public BatchGather(Launcher launcher)
    {
        this.launcher = launcher;
        gather = launcher.Accelerator.LoadKernel<
            ArrayView<int>, ArrayView<int>, ArrayView<int>, ArrayView<StepState>, int, int, ArrayView<int>, ArrayView<int>>(GatherKernel);
    }

    /// <summary>tokens[n] = contexts[indices[step, n]], and the target likewise.</summary>
    /// <param name="contexts">Contexts of the data set [M, T].</param>
    /// <param name="targets">Targets of the data set [M].</param>
    /// <param name="indices">Indices into the data set [steps, N], each in 0 … M-1.</param>
    /// <param name="state">The step [1].</param>
    /// <param name="context">T.</param>
    /// <param name="tokens">The batch's contexts [N, T].</param>
    /// <param name="batchTargets">The batch's targets [N].</param>
    public void Gather(
        ArrayView<int> contexts, ArrayView<int> targets, ArrayView<int> indices, ArrayView<StepState> state, int context,
        ArrayView<int> tokens, ArrayView<int> batchTargets)
    {
        int batch = batchTargets.IntLength;
        ViewChecks.CheckLength(contexts, targets.Length * context);
        ViewChecks.CheckLength(tokens, (long)batch * context);
        ViewChecks.CheckRows(indices, batch);
        ViewChecks.CheckLength(state, 1);
        gather(launcher.Stream, launcher.Over(batch), contexts, targets, indices, state, batch, context, tokens, batchTargets);
    }

    // One thread per example of the batch.
    static void GatherKernel(
        ArrayView<int> contexts, ArrayView<int> targets, ArrayView<int> indices, ArrayView<StepState> state, int batch, int context,
        ArrayView<int> tokens, ArrayView<int> batchTargets)
    {
        int first = state[0].Step * batch;
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int example = indices[first + n];
            for (int t = 0; t < context; t++)
            {
                tokens[(n * context) + t] = contexts[(example * context) + t];
            }
            batchTargets[n] = targets[example];
        }
    }
}
