using Makemore.Gpu.Kernels.Products;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Products;

/// <summary>Each plan of a product that groups compute.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.FullGroups))]
public sealed class GroupProductsTests(TestBench bench) : KernelTests(bench)
{
    static IEnumerable<TestCaseData> Tiles =>
        GroupTile.OfThreads.Select((tile, index) => new TestCaseData(index).SetArgDisplayNames($"{tile.Rows}x{tile.Columns}"));

    // One past a tile, and a little less than two.
    [TestCaseSource(nameof(Tiles))]
    public void EveryTileIsRightInEverySlicing(int index)
    {
        GroupTile tile = GroupTile.OfThreads[index];
        foreach (ProductForm form in Enum.GetValues<ProductForm>())
        {
            AssertProducts(tile, form, new(tile.Rows + 1, (2 * tile.Depth) - 1, tile.Columns + 3));
        }
    }

    // The same for rows that 16-byte loads may take, with a tile of which a thread brings four values and one of which it brings more.
    [TestCase(0, TestName = "128x128")]
    [TestCase(1, TestName = "128x32")]
    public void ATileIsRightWhereRowsAreAligned(int index)
    {
        GroupTile tile = GroupTile.OfThreads[index];
        foreach (ProductForm form in Enum.GetValues<ProductForm>())
        {
            AssertProducts(tile, form, new(tile.Rows + 4, (2 * tile.Depth) + 4, (2 * tile.Columns) - 4));
        }
    }

    void AssertProducts(GroupTile tile, ProductForm form, ProductSize size)
    {
        var products = new GroupProducts(Bench.Launcher);
        (float[] a, float[] b) = (Samples.Normal(size.Rows * size.Depth, seed: 1), Samples.Normal(size.Depth * size.Columns, seed: 2));
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(size.Depth), b.ToMatrix(size.Columns));
        Matrix<double> expected = ReferenceOperations.MatMul(left, right);
        Matrix<double> allowance = Tolerances.Gamma(size.Depth + 1) * ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        DeviceArray<float> leftOperand = Upload(form == ProductForm.LeftTransposed ? left.Transpose().ToFloats() : a);
        DeviceArray<float> rightOperand = Upload(form == ProductForm.RightTransposed ? right.Transpose().ToFloats() : b);
        foreach (ProductPlan plan in ProductPlan.Slicings(size, tile))
        {
            DeviceArray<float> c = Output(size.Rows * size.Columns);
            products.Multiply(plan, form, leftOperand, rightOperand, size, c);
            Tensors.AssertClose(c.Read(), expected, Tolerances.Rounding, allowance, $"{form}, {plan.Slices} slices");
        }
    }
}
