using Makemore.Gpu.Model.Reference;

namespace Makemore.Gpu.Model.Measuring;

/// <summary>Products of matrices: C [M, N] of a sum of K terms for each value.</summary>
static class MatMulOperations
{
    /// <summary>C = A·B.</summary>
    /// <param name="m">M, rows of C.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N, columns of C.</param>
    public static Operation Multiply(int m, int k, int n) =>
        new("MatMul.Multiply", $"[{m}, {k}]·[{k}, {n}]", bench =>
        {
            Operand<float> a = bench.Input(m, k), b = bench.Input(k, n), c = bench.Output(m, n);
            return new(
                () => bench.Kernels.MatMul.Multiply(a.View, b.View, m, k, n, c.View),
                () => ReferenceOperations.MatMul(a.Matrix, b.Matrix));
        })
        {
            Cost = CostOf(m, k, n),
        };

    /// <summary>C = Aᵀ·B.</summary>
    /// <param name="m">M, rows of C.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N, columns of C.</param>
    public static Operation MultiplyLeftTransposed(int m, int k, int n) =>
        new("MatMul.MultiplyLeftTransposed", $"[{k}, {m}]ᵀ·[{k}, {n}]", bench =>
        {
            Operand<float> a = bench.Input(k, m), b = bench.Input(k, n), c = bench.Output(m, n);
            return new(
                () => bench.Kernels.MatMul.MultiplyLeftTransposed(a.View, b.View, m, k, n, c.View),
                () => ReferenceOperations.MatMul(a.Matrix.Transpose(), b.Matrix));
        })
        {
            Cost = CostOf(m, k, n),
        };

    /// <summary>C = A·Bᵀ.</summary>
    /// <param name="m">M, rows of C.</param>
    /// <param name="k">K.</param>
    /// <param name="n">N, columns of C.</param>
    public static Operation MultiplyRightTransposed(int m, int k, int n) =>
        new("MatMul.MultiplyRightTransposed", $"[{m}, {k}]·[{n}, {k}]ᵀ", bench =>
        {
            Operand<float> a = bench.Input(m, k), b = bench.Input(n, k), c = bench.Output(m, n);
            return new(
                () => bench.Kernels.MatMul.MultiplyRightTransposed(a.View, b.View, m, k, n, c.View),
                () => ReferenceOperations.MatMul(a.Matrix, b.Matrix.Transpose()));
        })
        {
            Cost = CostOf(m, k, n),
        };

    static Cost CostOf(double m, double k, double n) => new(2 * m * k * n, (m * k) + (k * n) + (m * n), "2·M·K·N", "M·K + K·N + M·N");
}
