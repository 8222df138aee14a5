using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>The way from a data set on the accelerator to the network's input, and its gradient.</summary>
static class EmbeddingOperations
{
    // About as many examples as the lectures' names give.
    const int Examples = 180_000;

    /// <summary>A batch out of a data set: there is no arithmetic in it.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="t">T, the context.</param>
    public static Operation Gather(int n, int t) =>
        new("BatchGather.Gather", $"[{n}] of [{Examples}, {t}]", bench =>
        {
            // No end among them: a context is read to its beginning.
            Operand<int> data = bench.Own(new Operand<int>(bench.Kernels, rows: 1, [.. Enumerable.Repeat(1, Examples)]));
            Operand<int> indices = bench.Indices(n, below: Examples);
            Operand<int> tokens = bench.OutputIndices(n * t), batchTargets = bench.OutputIndices(n);
            Operand<StepState> state = bench.State();
            return new(
                () => bench.Kernels.BatchGather.Gather(
                    data.View, indices.View, state.View, t, tokens.View, batchTargets.View));
        })
        {
            Cost = new(0, ((2.0 * t) + 3) * n, "0", "2·N·T + 3·N"),
        };

    /// <summary>The rows of the table for tokens: there is no arithmetic in it.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="t">T, the context.</param>
    /// <param name="v">V, the rows of the table.</param>
    /// <param name="e">E, its columns.</param>
    public static Operation Forward(int n, int t, int v, int e) =>
        new("Embedding.Forward", $"[{n}, {t}] of [{v}, {e}]", bench =>
        {
            Operand<float> table = bench.Input(v, e);
            Operand<int> tokens = bench.Indices(n * t, below: v);
            Operand<float> y = bench.Output(n * t, e);
            return new(
                () => bench.Kernels.Embedding.Forward(table.View, tokens.View, e, y.View),
                () => ReferenceOperations.Embed(table.Matrix, tokens.Values));
        })
        {
            Cost = new(0, ((double)n * t * (e + 1)) + ((double)v * e), "0", "N·T·E + N·T + V·E"),
        };

    /// <summary>The gradient of the table.</summary>
    /// <param name="n">N, the batch.</param>
    /// <param name="t">T, the context.</param>
    /// <param name="v">V, the rows of the table.</param>
    /// <param name="e">E, its columns.</param>
    public static Operation Backward(int n, int t, int v, int e) =>
        new("Embedding.Backward", $"[{n}, {t}] of [{v}, {e}]", bench =>
        {
            Operand<int> tokens = bench.Indices(n * t, below: v);
            Operand<float> dy = bench.Input(n * t, e), dTable = bench.Output(v, e);
            return new(
                () => bench.Kernels.Embedding.Backward(tokens.View, dy.View, e, dTable.View),
                () => ReferenceOperations.EmbedBackward(tokens.Values, dy.Matrix, v));
        })
        {
            Cost = new((double)n * t * e, ((double)n * t * (e + 1)) + ((double)v * e), "N·T·E", "N·T·E + N·T + V·E"),
        };
}
