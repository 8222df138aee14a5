using ILGPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Matrix products of row-major matrices: C = A·B for a linear layer's forward pass, and for its backward pass dW = Xᵀ·dY and
/// dX = dY·Wᵀ.
/// </summary>
/// <remarks>
/// On a GPU the threads of a group share tiles of the operands (<see cref="GpuGemm"/>); elsewhere a thread works by itself
/// (<see cref="CpuGemm"/>). A result does not depend on the launch shape, and repeats bit for bit. Reference:
/// <c>ReferenceOperations.MatMul</c>.
/// </remarks>
/// <param name="launcher">Where to load and launch the kernels.</param>
public sealed class MatMul(Launcher launcher)
{
    readonly IGemm products = launcher.Shape.HasBlockTiles ? new GpuGemm(launcher) : new CpuGemm(launcher);

    /// <summary>C = A·B.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="c">C [rows, columns].</param>
    public void Multiply(ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c) =>
        Multiply(GemmForm.Plain, a, b, rows, depth, columns, c);

    /// <summary>C = Aᵀ·B.</summary>
    /// <param name="a">A [depth, rows].</param>
    /// <param name="b">B [depth, columns].</param>
    /// <param name="rows">Columns of A, rows of C.</param>
    /// <param name="depth">Rows of A and B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="c">C [rows, columns].</param>
    public void MultiplyLeftTransposed(ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c) =>
        Multiply(GemmForm.LeftTransposed, a, b, rows, depth, columns, c);

    /// <summary>C = A·Bᵀ.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [columns, depth].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A and B.</param>
    /// <param name="columns">Rows of B, columns of C.</param>
    /// <param name="c">C [rows, columns].</param>
    public void MultiplyRightTransposed(ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c) =>
        Multiply(GemmForm.RightTransposed, a, b, rows, depth, columns, c);

    void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c)
    {
        ViewChecks.CheckLength(a, (long)rows * depth);
        ViewChecks.CheckLength(b, (long)depth * columns);
        ViewChecks.CheckLength(c, (long)rows * columns);
        products.Multiply(form, a, b, new GemmSize(rows, depth, columns), c);
    }
}
