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
/// many threads there are. A and its transpose are the same memory with its strides exchanged; they are two entry points so that the
/// compiler sees which stride is 1. Reference: <c>ReferenceOperations.MatMul</c>.
/// </remarks>
public sealed class MatMul
{
    readonly Launcher launcher;
    readonly ProductKernel multiply;
    readonly ProductKernel multiplyLeftTransposed;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, int, ArrayView<float>> transpose;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public MatMul(Launcher launcher)
    {
        this.launcher = launcher;
        multiply = Load(MultiplyKernel);
        multiplyLeftTransposed = Load(MultiplyLeftTransposedKernel);
        transpose = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, int, ArrayView<float>>(TransposeKernel);
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

    /// <summary>C = A·Bᵀ. B is transposed first: a product reads rows of B, and a transpose costs little beside it.</summary>
    /// <param name="a">A [rows, depth].</param>
    /// <param name="b">B [columns, depth].</param>
    /// <param name="rows">Rows of A and C.</param>
    /// <param name="depth">Columns of A and B.</param>
    /// <param name="columns">Rows of B, columns of C.</param>
    /// <param name="transposed">Room for Bᵀ [depth, columns].</param>
    /// <param name="c">C [rows, columns].</param>
    public void MultiplyRightTransposed(
        ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, ArrayView<float> transposed, ArrayView<float> c)
    {
        Transpose(b, columns, depth, transposed);
        Multiply(a, transposed, rows, depth, columns, c);
    }

    /// <summary>The transpose of a matrix.</summary>
    /// <param name="source">The source [rows, columns].</param>
    /// <param name="rows">Rows of the source.</param>
    /// <param name="columns">Columns of the source.</param>
    /// <param name="target">The target [columns, rows].</param>
    public void Transpose(ArrayView<float> source, int rows, int columns, ArrayView<float> target)
    {
        Shape.Check(source, (long)rows * columns);
        Shape.Check(target, source.Length);
        int bandRows = launcher.Shape.OutputRows;
        transpose(launcher.Stream, launcher.Over((rows + bandRows - 1) / bandRows), source, rows, columns, bandRows, target);
    }

    // One thread for each tile of C.
    static void MultiplyKernel(
        ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new(new(a, 0), depth), b, rows, depth, columns, tileRows, tileColumns, c);

    static void MultiplyLeftTransposedKernel(
        ArrayView<float> a, ArrayView<float> b, int rows, int depth, int columns, int tileRows, int tileColumns, ArrayView<float> c) =>
        MultiplyTiles(new MatrixView(new(a, 0), rows).Transposed, b, rows, depth, columns, tileRows, tileColumns, c);

    static void MultiplyTiles(
        MatrixView a, ArrayView<float> b, int rows, int depth, int columns, int tileRows, int tileColumns, ArrayView<float> c)
    {
        var right = new MatrixView(new(b, 0), columns);
        var result = new MatrixView(new(c, 0), columns);
        int tilesDown = (rows + tileRows - 1) / tileRows;
        int tilesAcross = (columns + tileColumns - 1) / tileColumns;
        for (int tile = Work.First, stride = Work.Stride; tile < tilesDown * tilesAcross; tile += stride)
        {
            int row = tile / tilesAcross * tileRows;
            int column = tile % tilesAcross * tileColumns;
            Tile.Run(new Product(
                a.From(row, 0), right.From(0, column), result.From(row, column),
                IntrinsicMath.Min(tileRows, rows - row), depth, IntrinsicMath.Min(tileColumns, columns - column)));
        }
    }

    // One thread for each band of rows of the source.
    static void TransposeKernel(ArrayView<float> source, int rows, int columns, int bandRows, ArrayView<float> target)
    {
        var from = new MatrixView(new(source, 0), columns);
        var to = new MatrixView(new(target, 0), rows);
        for (int row = Work.First * bandRows, stride = Work.Stride * bandRows; row < rows; row += stride)
        {
            Tile.Run(new Transpose(from.From(row, 0), to.From(0, row), IntrinsicMath.Min(bandRows, rows - row), columns));
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
