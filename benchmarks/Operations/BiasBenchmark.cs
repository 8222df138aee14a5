using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The bias of the layer to the logits.</summary>
public class BiasBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        ElementwiseOperations.AddBias(N, V),
        ElementwiseOperations.SumColumns(N, V),
    ];
}
