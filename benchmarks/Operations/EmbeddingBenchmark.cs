using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The embedding of a batch of contexts.</summary>
public class EmbeddingBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        new("Embedding.Forward", "[32, 3] of [27, 10]", bench =>
        {
            Operand<float> table = bench.Input(V, E);
            Operand<int> tokens = bench.Indices(N * T, below: V);
            Operand<float> y = bench.Output(N * T, E);
            return new(
                () => bench.Kernels.Embedding.Forward(table.View, tokens.View, E, y.View),
                () => ReferenceOperations.Embed(table.Matrix, tokens.Values));
        }),
        new("Embedding.Backward", "[32, 3] of [27, 10]", bench =>
        {
            Operand<int> tokens = bench.Indices(N * T, below: V);
            Operand<float> dy = bench.Input(N * T, E), dTable = bench.Output(V, E);
            return new(
                () => bench.Kernels.Embedding.Backward(tokens.View, dy.View, E, dTable.View),
                () => ReferenceOperations.EmbedBackward(tokens.Values, dy.Matrix, V));
        }),
    ];
}
