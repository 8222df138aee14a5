using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tensors;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>The embedding: each token is replaced by its row of a table, whose gradient sums over the positions of the token.</summary>
/// <remarks>
/// <para>For N contexts of T tokens, a vocabulary of V tokens and rows of E values:</para>
/// <code>
/// forward     y[i, e]  = C[tokens[i], e]                              C [V, E], tokens [N·T], y [N·T, E]
/// backward    dC[v, e] = Σ dy[i, e] over all i with tokens[i] = v
/// </code>
/// <para>The memory of y is also that of the network's input [N, T·E]: the rows of a context stand side by side.</para>
/// <para>
/// Cost. Forward reads the tokens and rows of C, mostly from the cache, and writes y. Backward is a gather: each of the V·E sums reads all
/// tokens, mostly from the cache, but of dy only what it adds. So it reads dy once, writes dC, and needs N·T·E additions. On GPUs, S slices
/// of the tokens also write and read S partial tables [V, E].
/// </para>
/// <para>Runs as.</para>
/// <code>
/// CPU accelerator, OpenCL on a processor    CpuEmbeddingForward, CpuEmbeddingBackward
/// GPUs                                      GpuForwardKernel, GpuBackwardKernel; ColumnSums adds the partial tables
/// fused by threads                          TileEmbeddingGather, TileEmbeddingUpdate
/// fused by warps                            WarpEmbeddingGather, WarpEmbeddingUpdate
/// small steps                               as layered
/// </code>
/// <para>Reference: <c>ReferenceOperations.Embed</c>, <c>ReferenceOperations.EmbedBackward</c>.</para>
/// </remarks>
public sealed class Embedding
{
    // Minimum tokens per slice: with fewer, adding the partial tables costs more than the slices gain.
    const int SliceTokens = 64;

    // Maximum slices of the tokens: so many partial tables ColumnSums adds in one launch.
    const int MaxSlices = 128;

    readonly Launcher launcher;
    readonly Workspace workspace;
    readonly ColumnSums sums;
    readonly WorkerKernel<CpuEmbeddingForward> cpuForward;
    readonly WorkerKernel<CpuEmbeddingBackward> cpuBackward;

    /// <summary>The operation, whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Loads and launches them.</param>
    internal Embedding(Launcher launcher)
    {
        this.launcher = launcher;
        workspace = new Workspace(launcher);
        sums = new ColumnSums(launcher);
        cpuForward = new WorkerKernel<CpuEmbeddingForward>(launcher);
        cpuBackward = new WorkerKernel<CpuEmbeddingBackward>(launcher);
    }

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>> GpuForward => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>>(GpuForwardKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<float>, int, int, int, int, ArrayView<float>> GpuBackward =>
        field ??= launcher.Accelerator.LoadKernel<ArrayView<int>, ArrayView<float>, int, int, int, int, ArrayView<float>>(
            GpuBackwardKernel);

    /// <summary>y[i] = C[tokens[i]].</summary>
    /// <param name="table">C [V, E].</param>
    /// <param name="tokens">Tokens [N·T], each in 0 … V-1.</param>
    /// <param name="width">E.</param>
    /// <param name="y">The rows [N·T, E].</param>
    internal void Forward(ArrayView<float> table, ArrayView<int> tokens, int width, ArrayView<float> y)
    {
        ViewChecks.CheckRows(table, width);
        ViewChecks.CheckLength(y, tokens.Length * width);
        if (launcher.Shape.IsGpu)
        {
            GpuForward(launcher.Stream, launcher.Over(y.IntLength), table, tokens, y.IntLength, width, y);
        }
        else
        {
            cpuForward.Launch(new(new(table, 0), new(tokens.Cast<float>(), 0), tokens.IntLength, width, new(y, 0)));
        }
    }

    /// <summary>dC[v] = the sum of dy[i] over all i with tokens[i] = v.</summary>
    /// <param name="tokens">Tokens [N·T].</param>
    /// <param name="dy">The gradient of the rows [N·T, E].</param>
    /// <param name="width">E.</param>
    /// <param name="dTable">The gradient of C [V, E]; a token that does not occur gets 0.</param>
    internal void Backward(ArrayView<int> tokens, ArrayView<float> dy, int width, ArrayView<float> dTable)
    {
        ViewChecks.CheckRows(dTable, width);
        ViewChecks.CheckLength(dy, tokens.Length * width);
        if (!launcher.Shape.IsGpu)
        {
            cpuBackward.Launch(new(
                new(tokens.Cast<float>(), 0), new(dy, 0), tokens.IntLength, width, dTable.IntLength / width, new(dTable, 0)));
            return;
        }
        int slices = SlicesOf(tokens.IntLength, dTable.IntLength);
        ArrayView<float> partials = slices == 1 ? dTable : workspace.Take<float>((long)slices * dTable.IntLength);
        int sliceTokens = ((tokens.IntLength - 1) / slices) + 1;
        GpuBackward(
            launcher.Stream, launcher.Over(partials.IntLength), tokens, dy, sliceTokens, width, dTable.IntLength, partials.IntLength,
            partials);
        if (slices > 1)
        {
            sums.Sum(partials, slices, dTable.IntLength, dTable);
        }
    }

    /// <summary>y[i] = C[tokens[i]].</summary>
    /// <param name="table">C [V, E].</param>
    /// <param name="tokens">Tokens [N·T], each in 0 … V-1.</param>
    /// <param name="y">The rows [N·T, E].</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Forward(Tensor table, ArrayView<int> tokens, Tensor y)
    {
        (_, int width) = TensorChecks.Matrix(launcher, table);
        TensorChecks.CheckShape(launcher, y, [tokens.IntLength, width]);
        Forward(table.Data, tokens, width, y.Data);
    }

    /// <summary>dC[v] = the sum of dy[i] over all i with tokens[i] = v.</summary>
    /// <param name="tokens">Tokens [N·T].</param>
    /// <param name="dy">The gradient of the rows [N·T, E].</param>
    /// <param name="dTable">The gradient of C [V, E]; a token that does not occur gets 0.</param>
    /// <exception cref="ArgumentException">The shapes do not fit, or a tensor is on another device.</exception>
    public void Backward(ArrayView<int> tokens, Tensor dy, Tensor dTable)
    {
        (_, int width) = TensorChecks.Matrix(launcher, dTable);
        TensorChecks.CheckShape(launcher, dy, [tokens.IntLength, width]);
        Backward(tokens, dy.Data, width, dTable.Data);
    }

    /// <summary>Tells what the backward pass takes.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="tokens">N·T, how many tokens.</param>
    /// <param name="tableLength">V·E, the values of C.</param>
    internal void PlanBackward(LaunchPlan plan, int tokens, int tableLength)
    {
        ArgumentNullException.ThrowIfNull(plan);
        int slices = launcher.Shape.IsGpu ? SlicesOf(tokens, tableLength) : 1;
        plan.Launch();
        if (slices > 1)
        {
            plan.Take<float>(workspace, (long)slices * tableLength);
            sums.Plan(plan, slices, tableLength);
        }
    }

    // A GPU has many more threads than a small table has elements: slices of the tokens keep them busy.
    int SlicesOf(int tokens, int tableLength) =>
        Math.Clamp(Math.Min(tokens / SliceTokens, launcher.Shape.MaxGroups * launcher.Shape.GroupSize / tableLength), 1, MaxSlices);

    // One thread per element of y.
    static void GpuForwardKernel(ArrayView<float> table, ArrayView<int> tokens, int count, int width, ArrayView<float> y)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            y[i] = table[(tokens[i / width] * width) + (i % width)];
        }
    }

    // One thread per element of the partial tables [slices, V, E]. It reads all tokens of its slice to find its own. A scatter of dy would
    // need atomics and sum in another order each time.
    static void GpuBackwardKernel(
        ArrayView<int> tokens, ArrayView<float> dy, int sliceTokens, int width, int tableLength, int count, ArrayView<float> partials)
    {
        int tokenCount = tokens.IntLength;
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            int slice = i / tableLength;
            int element = i - (slice * tableLength);
            int row = element / width;
            int column = element - (row * width);
            int first = slice * sliceTokens;
            int end = IntrinsicMath.Min(first + sliceTokens, tokenCount);
            float sum = 0f;
            for (int position = first; position < end; position++)
            {
                if (tokens[position] == row)
                {
                    sum += dy[(position * width) + column];
                }
            }
            partials[i] = sum;
        }
    }
}
