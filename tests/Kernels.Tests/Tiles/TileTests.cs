using CsCheck;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Tiles;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Tiles;

/// <summary>
/// Both bodies of the tile product: <see cref="Tile.Multiply"/> runs the vector body on the CPU accelerator and the portable one
/// elsewhere, <see cref="PortableTile.Multiply"/> is the portable one everywhere.
/// </summary>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
public sealed class TileTests(TestBench bench) : KernelTests(bench)
{
    // Elements of C's memory to the left and to the right of the tile in each row, and rows above and below it.
    const int Border = 3;

    // rows, depth, columns: one block of each body, and one past it on every side
    static readonly int[][] Shapes =
    [
        [1, 1, 1], [4, 1, 8], [4, 8, 16], [16, 30, 64], [5, 17, 33], [3, 8, 7], [7, 65, 15], [1, 9, 31], [2, 5, 9], [6, 3, 20],
    ];

    static readonly Gen<(int Rows, int Depth, int Columns, float[] A, float[] B)> Products =
        from rows in Gen.Int[1, 11]
        from depth in Gen.Int[1, 40]
        from columns in Gen.Int[1, 70]
        from a in Samples.Value.Array[rows * depth]
        from b in Samples.Value.Array[depth * columns]
        select (rows, depth, columns, a, b);

    static void TileKernel(MatrixView a, MatrixView b, int rows, int depth, int columns, MatrixView c) =>
        Tile.Multiply(a, b, c, rows, depth, columns);

    static void PortableTileKernel(MatrixView a, MatrixView b, int rows, int depth, int columns, MatrixView c) =>
        PortableTile.Multiply(a, b, c, rows, depth, columns);

    [TestCaseSource(nameof(Shapes))]
    public void BothBodiesMultiplyInEveryLayout(int rows, int depth, int columns) =>
        AssertProducts(rows, depth, columns, Samples.Normal(rows * depth, seed: 1), Samples.Normal(depth * columns, seed: 2));

    [Test]
    public void BothBodiesMultiplyRandomTiles() =>
        ForAll(Products, product => AssertProducts(product.Rows, product.Depth, product.Columns, product.A, product.B));

    void AssertProducts(int rows, int depth, int columns, float[] a, float[] b)
    {
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(depth), b.ToMatrix(columns));
        Matrix<double> expected = ReferenceOperations.MatMul(left, right);
        Matrix<double> allowance = Tolerances.Gamma(depth) * ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        foreach (bool leftTransposed in new[] { false, true })
        {
            foreach (bool rightTransposed in new[] { false, true })
            {
                string layout = $"A{(leftTransposed ? "ᵀ" : "")}·B{(rightTransposed ? "ᵀ" : "")}";
                MatrixView aView = Place(left, leftTransposed), bView = Place(right, rightTransposed);
                float[] byTile = Multiply(TileKernel, aView, bView, rows, depth, columns);
                float[] byPortableTile = Multiply(PortableTileKernel, aView, bView, rows, depth, columns);
                Tensors.AssertClose(byTile, expected, Tolerances.Rounding, allowance, $"{layout} by Tile");
                Tensors.AssertClose(byPortableTile, expected, Tolerances.Rounding, allowance, $"{layout} by PortableTile");
            }
        }
    }

    // The matrix in the middle of other memory, row by row or column by column.
    MatrixView Place(Matrix<double> matrix, bool transposed)
    {
        float[] values = (transposed ? matrix.Transpose() : matrix).ToFloats();
        float[] border = [.. Enumerable.Repeat(float.NaN, Border)];
        return transposed
            ? new MatrixView(Upload([.. border, .. values]), Border, 1, matrix.RowCount)
            : new MatrixView(Upload([.. border, .. values]), Border, matrix.ColumnCount, 1);
    }

    float[] Multiply(
        Action<MatrixView, MatrixView, int, int, int, MatrixView> kernel, MatrixView a, MatrixView b, int rows, int depth, int columns)
    {
        int stride = columns + (2 * Border);
        DeviceArray<float> memory = Upload([.. Enumerable.Repeat(Untouched, (rows + (2 * Border)) * stride)]);
        var loaded = Bench.Accelerator.LoadKernel(kernel);
        loaded(Bench.Stream, new KernelConfig(1, 1), a, b, rows, depth, columns, new MatrixView(memory, 0, stride, 1).From(Border, Border));

        float[] all = memory.Read();
        Assert.That(all.Where((_, i) => !Inside(i)), Is.All.EqualTo(Untouched), "written outside the tile");
        return [.. all.Where((_, i) => Inside(i))];

        bool Inside(int i)
        {
            (int row, int column) = ((i / stride) - Border, (i % stride) - Border);
            return row >= 0 && row < rows && column >= 0 && column < columns;
        }
    }
}
