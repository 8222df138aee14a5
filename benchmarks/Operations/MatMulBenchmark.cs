using Makemore.Gpu.Model.Reference;
using static Makemore.Gpu.Benchmarks.LectureSizes;

namespace Makemore.Gpu.Benchmarks.Operations;

/// <summary>
/// The three matrix products of the hidden layer, and the same forms at 512 x 512, where arithmetic outweighs all overhead.
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

    internal static Operation Multiply(int rows, int depth, int columns) =>
        new("MatMul.Multiply", $"[{rows}, {depth}]·[{depth}, {columns}]", bench =>
        {
            Operand<float> a = bench.Input(rows, depth), b = bench.Input(depth, columns), c = bench.Output(rows, columns);
            return new(
                () => bench.Kernels.MatMul.Multiply(a.View, b.View, rows, depth, columns, c.View),
                () => ReferenceOperations.MatMul(a.Matrix, b.Matrix));
        });

    internal static Operation MultiplyLeftTransposed(int rows, int depth, int columns) =>
        new("MatMul.MultiplyLeftTransposed", $"[{depth}, {rows}]ᵀ·[{depth}, {columns}]", bench =>
        {
            Operand<float> a = bench.Input(depth, rows), b = bench.Input(depth, columns), c = bench.Output(rows, columns);
            return new(
                () => bench.Kernels.MatMul.MultiplyLeftTransposed(a.View, b.View, rows, depth, columns, c.View),
                () => ReferenceOperations.MatMul(a.Matrix.Transpose(), b.Matrix));
        });

    internal static Operation MultiplyRightTransposed(int rows, int depth, int columns) =>
        new("MatMul.MultiplyRightTransposed", $"[{rows}, {depth}]·[{columns}, {depth}]ᵀ", bench =>
        {
            Operand<float> a = bench.Input(rows, depth), b = bench.Input(columns, depth), c = bench.Output(rows, columns);
            return new(
                () => bench.Kernels.MatMul.MultiplyRightTransposed(a.View, b.View, rows, depth, columns, c.View),
                () => ReferenceOperations.MatMul(a.Matrix, b.Matrix.Transpose()));
        });
}
