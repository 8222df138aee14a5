using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>Gathers a training batch out of a data set that is resident on the device: windows over one array of tokens.</summary>
/// <remarks>
/// <para>
/// For a data set of M tokens, and a batch of N indices. Each token is the target of an example, and the T tokens before it in its name are
/// the context. A name's tokens are followed by its end, token 0; before a name there is nothing but 0. There is no backward pass.
/// </para>
/// <code>
/// m               = indices[step, n]                                      indices [steps, N]
/// batchTargets[n] = data[m]                                               data [M], batchTargets [N]
/// tokens[n, t]    = data[m - T + t], or 0 where an end or the beginning   tokens [N, T]
///                   of the data lies between it and m
/// </code>
/// <para>
/// A context that is of no name may hold a 0 that ends nothing: -1 in the data stands for it (<see cref="InnerBoundary"/>).
/// </para>
/// <para>
/// Cost. Reads N indices and, to the beginnings of their names, at most N·(T + 1) neighboring tokens, writes N·(T + 1) tokens, computes
/// nothing. The host copies only indices, those of many steps at a time.
/// </para>
/// <para>Runs as.</para>
/// <code>
/// CPU accelerator, OpenCL on a processor    CpuBatchGather
/// GPUs                                      GpuGatherKernel, one thread per example
/// fused by threads, fused by warps          TileBatchGather, which transposes the batch: an example per column
/// small steps                               as layered
/// </code>
/// <para>Reference: the indexing of the lecture, <c>Xtr[ix], Ytr[ix]</c>.</para>
/// </remarks>
/// <param name="launcher">Loads and launches the kernels.</param>
sealed class BatchGather(Launcher launcher)
{
    /// <summary>The token that ends a name, and what stands before a name.</summary>
    public const int End = 0;

    /// <summary>What stands for token 0 in the data where it ends no name.</summary>
    public const int InnerBoundary = -1;

    readonly WorkerKernel<CpuBatchGather> cpuGather = new(launcher);

    Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>, ArrayView<StepState>, int, int, ArrayView<int>, ArrayView<int>>
        GpuGather => field ??= launcher.Accelerator.LoadKernel<
            ArrayView<int>, ArrayView<int>, ArrayView<StepState>, int, int, ArrayView<int>, ArrayView<int>>(GpuGatherKernel);

    /// <summary>tokens[n] = the context of data[indices[step, n]], and the target likewise.</summary>
    /// <param name="data">The tokens of the data set [M].</param>
    /// <param name="indices">Indices into the data set [steps, N], each in 0 … M-1.</param>
    /// <param name="state">The step [1].</param>
    /// <param name="context">T.</param>
    /// <param name="tokens">The batch's contexts [N, T].</param>
    /// <param name="batchTargets">The batch's targets [N].</param>
    public void Gather(
        ArrayView<int> data, ArrayView<int> indices, ArrayView<StepState> state, int context, ArrayView<int> tokens,
        ArrayView<int> batchTargets)
    {
        int batch = batchTargets.IntLength;
        ViewChecks.CheckLength(tokens, (long)batch * context);
        ViewChecks.CheckRows(indices, batch);
        ViewChecks.CheckLength(state, 1);
        if (launcher.Shape.IsGpu)
        {
            GpuGather(launcher.Stream, launcher.Over(batch), data, indices, state, batch, context, tokens, batchTargets);
        }
        else
        {
            cpuGather.Launch(new(
                new(data.Cast<float>(), 0), new(indices.Cast<float>(), 0), new(state.Cast<float>(), 0), batch, context,
                new(tokens.Cast<float>(), 0), new(batchTargets.Cast<float>(), 0)));
        }
    }

    // One thread per example of the batch.
    static void GpuGatherKernel(
        ArrayView<int> data, ArrayView<int> indices, ArrayView<StepState> state, int batch, int context, ArrayView<int> tokens,
        ArrayView<int> batchTargets)
    {
        int first = state[0].Step * batch;
        for (int n = GridStride.First, stride = GridStride.Stride; n < batch; n += stride)
        {
            int example = indices[first + n];
            batchTargets[n] = data[example];
            // The target may be an end itself: of its own name, not of one before it.
            int token = InnerBoundary;
            for (int t = context - 1; t >= 0; t--)
            {
                example--;
                token = token != End && example >= 0 ? data[example] : End;
                tokens[(n * context) + t] = IntrinsicMath.Max(token, End);
            }
        }
    }
}
