using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>
/// The three GEMMs of the hidden layer, and the same forms at 512 x 512, where arithmetic outweighs all overhead.
/// </summary>
public class MatMulBenchmark : OperationBenchmark
{
    const int Large = 512;

    /// <inheritdoc/>
    public override IEnumerable<Operation> Operations =>
    [
        Multiply(N, T * E, H),
        MultiplyLeftTransposed(T * E, N, H),
        MultiplyRightTransposed(N, H, T * E),
        Multiply(Large, Large, Large),
        MultiplyLeftTransposed(Large, Large, Large),
        MultiplyRightTransposed(Large, Large, Large),
    ];

    internal static Operation Multiply(int m, int k, int n) =>
        new("MatMul.Multiply", $"[{m}, {k}]·[{k}, {n}]", bench =>
        {
            Operand<float> a = bench.Input(m, k), b = bench.Input(k, n), c = bench.Output(m, n);
            return new(
                () => bench.Kernels.MatMul.Multiply(a.View, b.View, m, k, n, c.View),
                () => ReferenceOperations.MatMul(a.Matrix, b.Matrix));
        });

    internal static Operation MultiplyLeftTransposed(int m, int k, int n) =>
        new("MatMul.MultiplyLeftTransposed", $"[{k}, {m}]ᵀ·[{k}, {n}]", bench =>
        {
            Operand<float> a = bench.Input(k, m), b = bench.Input(k, n), c = bench.Output(m, n);
            return new(
                () => bench.Kernels.MatMul.MultiplyLeftTransposed(a.View, b.View, m, k, n, c.View),
                () => ReferenceOperations.MatMul(a.Matrix.Transpose(), b.Matrix));
        });

    internal static Operation MultiplyRightTransposed(int m, int k, int n) =>
        new("MatMul.MultiplyRightTransposed", $"[{m}, {k}]·[{n}, {k}]ᵀ", bench =>
        {
            Operand<float> a = bench.Input(m, k), b = bench.Input(n, k), c = bench.Output(m, n);
            return new(
                () => bench.Kernels.MatMul.MultiplyRightTransposed(a.View, b.View, m, k, n, c.View),
                () => ReferenceOperations.MatMul(a.Matrix, b.Matrix.Transpose()));
        });
}
