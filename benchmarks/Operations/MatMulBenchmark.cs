using Makemore.Gpu.Model.Measuring;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>The three GEMMs of the hidden layer, and the same forms at 512 x 512, where arithmetic outweighs all overhead.</summary>
public class MatMulBenchmark : OperationBenchmark
{
    const int Large = 512;

    /// <inheritdoc/>
    internal override IEnumerable<Operation> Operations =>
    [
        MatMulOperations.Multiply(N, T * E, H),
        MatMulOperations.MultiplyLeftTransposed(T * E, N, H),
        MatMulOperations.MultiplyRightTransposed(N, H, T * E),
        MatMulOperations.Multiply(Large, Large, Large),
        MatMulOperations.MultiplyLeftTransposed(Large, Large, Large),
        MatMulOperations.MultiplyRightTransposed(Large, Large, Large),
    ];
}
