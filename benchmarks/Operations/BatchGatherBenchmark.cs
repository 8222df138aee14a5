using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>A batch out of a data set on the accelerator. There is no arithmetic in it, and so no reference.</summary>
public class BatchGatherBenchmark : AcceleratorBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        EmbeddingOperations.Gather(N, T),
    ];
}
