using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The activation of the hidden layer.</summary>
public class TanhBenchmark : OperationBenchmark
{
    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        ElementwiseOperations.Activate(Activation.Tanh, N, H),
        ElementwiseOperations.ActivateBackward(Activation.Tanh, N, H),
    ];
}
