using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The embedding of a batch of contexts.</summary>
public class EmbeddingBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        EmbeddingOperations.Forward(N, T, V, E),
        EmbeddingOperations.Backward(N, T, V, E),
    ];
}
