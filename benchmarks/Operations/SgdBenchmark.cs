using Makemore.Gpu.Model.Measuring;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The update of all parameters of the lectures' network with BatchNorm.</summary>
public class SgdBenchmark : OperationBenchmark
{
    const int Parameters = 12_097;

    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        ElementwiseOperations.Update(Parameters),
    ];
}
