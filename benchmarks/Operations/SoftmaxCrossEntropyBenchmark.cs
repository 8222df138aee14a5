using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The loss of a batch with its gradient, and its mean.</summary>
public class SoftmaxCrossEntropyBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        LossOperations.LossAndGradient(N, V),
        LossOperations.Mean(N),
    ];
}
