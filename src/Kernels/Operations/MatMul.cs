using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tiles;
using ProductKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, int, int, int, int, int, ILGPU.ArrayView<float>>;

namespace Makemore.Gpu.Kernels.Operations;

/// <summary>
/// Matrix products of row-major matrices: C = A·B for a linear layer's forward pass, and for its backward pass dW = Xᵀ·dY and
/// dX = dY·Wᵀ.
/// </summary>
/// <remarks>
/// A thread computes whole tiles of C, each inner product from its first term to its last, so that a result does not depend on how
/// many threads there are. The three forms are one kernel: a transpose is the same memory with its strides exchanged. They are three
/// entry points so that the compiler sees which stride is 1. Reference: <c>ReferenceOperations.MatMul</c>.
/// </remarks>
public sealed class MatMul
{
    readonly Launcher launcher;
    readonly ProductKernel multiply;
    readonly ProductKernel multiplyLeftTransposed;
    readonly ProductKernel multiplyRightTransposed;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public MatMul(Launcher launcher)
    {
        this.launcher = launcher;
        multiply = Load(MultiplyKernel);
        multiplyLeftTransposed = Load(MultiplyLeftTransposedKernel);
        multiplyRightTransposed = Load(MultiplyRightTransposedKernel);
    }

    /// <summary>C = A·B.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [depth, columns].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A, rows of B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="c">C [rows, columns].</param>
    public void Multiply(ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c) =>
        Launch(multiply, a, b, rows, depth, columns, c);

    /// <summary>C = Aᵀ·B.</summary>
    /// <param name="a">A [depth, rows].</param>
    /// <param name="b">B [depth, columns].</param>
    /// <param name="rows">Columns of A, rows of C.</param>
    /// <param name="depth">Rows of A and B.</param>
    /// <param name="columns">Columns of B and C.</param>
    /// <param name="c">C [rows, columns].</param>
    public void MultiplyLeftTransposed(ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c) =>
        Launch(multiplyLeftTransposed, a, b, rows, depth, columns, c);

    /// <summary>C = A·Bᵀ.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [columns, depth].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A and B.</param>
    /// <param name="columns">Rows of B, columns of C.</param>
    /// <param name="c">C [rows, columns].</param>
    public void MultiplyRightTransposed(ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c) =>
        Launch(multiplyRightTransposed, a, b, rows, depth, columns, c);

    // One thread for each tile of C.
    static void MultiplyKernel(
        ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new(a, 0, depth, 1), new(b, 0, columns, 1), rows, depth, columns, tileRows, tileColumns, new(c, 0, columns, 1));

    static void MultiplyLeftTransposedKernel(
        ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new(a, 0, 1, rows), new(b, 0, columns, 1), rows, depth, columns, tileRows, tileColumns, new(c, 0, columns, 1));

    static void MultiplyRightTransposedKernel(
        ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new(a, 0, depth, 1), new(b, 0, 1, depth), rows, depth, columns, tileRows, tileColumns, new(c, 0, columns, 1));

    static void MultiplyTiles(MatrixView a, MatrixView b, int rows, int depth, int columns, int tileRows, int tileColumns, MatrixView c)
    {
        int tilesDown = (rows + tileRows - 1) / tileRows;
        int tilesAcross = (columns + tileColumns - 1) / tileColumns;
        for (int tile = Work.First, stride = Work.Stride; tile < tilesDown * tilesAcross; tile += stride)
        {
            int row = tile / tilesAcross * tileRows;
            int column = tile % tilesAcross * tileColumns;
            Tile.Multiply(
                a.From(row, 0), b.From(0, column), c.From(row, column),
                IntrinsicMath.Min(tileRows, rows - row), depth, IntrinsicMath.Min(tileColumns, columns - column));
        }
    }

    void Launch(ProductKernel kernel, ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> c)
    {
        Shape.Check(a, (long)rows * depth);
        Shape.Check(b, (long)depth * columns);
        Shape.Check(c, (long)rows * columns);
        (int tileRows, int tileColumns) = (launcher.Shape.OutputRows, launcher.Shape.OutputColumns);
        int tiles = ((rows + tileRows - 1) / tileRows) * ((columns + tileColumns - 1) / tileColumns);
        kernel(launcher.Stream, launcher.Over(tiles), a, b, rows, depth, columns, tileRows, tileColumns, c);
    }

    ProductKernel Load(Action<ArrayView<float>, ArrayView<float>, int, int, int, int, int, ArrayView<float>> kernel) =>
        launcher.Accelerator.LoadKernel(kernel);
}
