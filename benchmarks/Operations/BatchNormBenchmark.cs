using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>
/// Batch normalization of the hidden layer. The kernel's forward pass also updates the running statistics, MathNet's does not.
/// </summary>
public class BatchNormBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        NormalizationOperations.BatchForward(N, H),
        NormalizationOperations.BatchForwardFixed(N, H),
        NormalizationOperations.BatchBackward(N, H),
    ];
}
