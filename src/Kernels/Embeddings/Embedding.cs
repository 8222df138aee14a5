using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Reductions;

namespace Makemore.Gpu.Kernels.Embeddings;

/// <summary>
/// The embedding table C [V, E]: each token of a context is replaced by its row of the table, y[i] = C[token i], which lays the rows
/// of a context side by side as the network's input [N, T·E]. The gradient of a row is the sum over the places where its token stood.
/// Reference: <c>ReferenceOperations.Embed</c>, <c>ReferenceOperations.EmbedBackward</c>.
/// </summary>
public sealed class Embedding
{
    /// <summary>Tokens that one thread looks through before another is worth the adding up.</summary>
    const int SliceTokens = 64;

    /// <summary>The most slices of the tokens: what <see cref="ColumnSums"/> adds up in one launch.</summary>
    const int MaxSlices = 128;

    readonly Launcher launcher;
    readonly Workspace workspace;
    readonly ColumnSums sums;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<float>, int, int, int, int, ArrayView<float>> backward;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Embedding(Launcher launcher)
    {
        this.launcher = launcher;
        workspace = new Workspace(launcher);
        sums = new ColumnSums(launcher);
        forward = launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>, int, int, ArrayView<float>>(ForwardKernel);
        backward = launcher.Accelerator.LoadKernel<ArrayView<int>, ArrayView<float>, int, int, int, int, ArrayView<float>>(BackwardKernel);
    }

    /// <summary>y[i] = C[tokens[i]].</summary>
    /// <param name="table">C [V, E].</param>
    /// <param name="tokens">Tokens [N·T], each in 0 … V-1.</param>
    /// <param name="width">E.</param>
    /// <param name="y">The rows [N·T, E].</param>
    public void Forward(ArrayView<float> table, ArrayView<int> tokens, int width, ArrayView<float> y)
    {
        ViewChecks.CheckRows(table, width);
        ViewChecks.CheckLength(y, tokens.Length * width);
        forward(launcher.Stream, launcher.Over(y.IntLength), table, tokens, y.IntLength, width, y);
    }

    /// <summary>dC[v] = the sum of dy[i] over all i with tokens[i] = v.</summary>
    /// <param name="tokens">Tokens [N·T].</param>
    /// <param name="dy">The gradient of the rows [N·T, E].</param>
    /// <param name="width">E.</param>
    /// <param name="dTable">The gradient of C [V, E]; a token that does not occur gets 0.</param>
    public void Backward(ArrayView<int> tokens, ArrayView<float> dy, int width, ArrayView<float> dTable)
    {
        ViewChecks.CheckRows(dTable, width);
        ViewChecks.CheckLength(dy, tokens.Length * width);
        int slices = SlicesOf(tokens.IntLength, dTable.IntLength);
        ArrayView<float> tables = slices == 1 ? dTable : workspace.Take<float>((long)slices * dTable.IntLength);
        int sliceTokens = ((tokens.IntLength - 1) / slices) + 1;
        backward(
            launcher.Stream, launcher.Over(tables.IntLength), tokens, dy, sliceTokens, width, dTable.IntLength, tables.IntLength, tables);
        if (slices > 1)
        {
            sums.Sum(tables, slices, dTable.IntLength, dTable);
        }
    }

    // A processor's threads each look through all tokens. A GPU has many more threads than a small table has elements: they share the tokens.
    int SlicesOf(int tokens, int elements) => launcher.Shape.IsGpu
        ? Math.Clamp(Math.Min(tokens / SliceTokens, launcher.Shape.MaxGroups * launcher.Shape.GroupSize / elements), 1, MaxSlices)
        : 1;

    // One thread for each element of y.
    static void ForwardKernel(ArrayView<float> table, ArrayView<int> tokens, int count, int width, ArrayView<float> y)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            y[i] = table[(tokens[i / width] * width) + (i % width)];
        }
    }

    // One thread for each element of dC, or of what a slice of the tokens adds to it. It looks for its token among all of them: a gather, where
    // a scatter of dy would need atomics and would sum in another order each time.
    static void BackwardKernel(
        ArrayView<int> tokens, ArrayView<float> dy, int sliceTokens, int width, int elements, int count, ArrayView<float> tables)
    {
        int tokenCount = tokens.IntLength;
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            int slice = i / elements;
            int element = i - (slice * elements);
            int row = element / width;
            int column = element - (row * width);
            int first = slice * sliceTokens;
            int end = IntrinsicMath.Min(first + sliceTokens, tokenCount);
            float sum = 0f;
            for (int place = first; place < end; place++)
            {
                if (tokens[place] == row)
                {
                    sum += dy[(place * width) + column];
                }
            }
            tables[i] = sum;
        }
    }
}
