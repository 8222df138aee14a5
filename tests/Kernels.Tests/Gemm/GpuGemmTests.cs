using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Gemm;

/// <summary>Each plan of a GEMM that groups compute.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.FullGroupsOfEachAlignment))]
sealed class GpuGemmTests(TestBench bench) : KernelTests(bench)
{
    static IEnumerable<TestCaseData> Tiles =>
        GemmTile.Simt.Select((tile, index) => new TestCaseData(index).SetArgDisplayNames($"{tile.M}x{tile.N}"));

    // One past a tile, and a little less than two.
    [TestCaseSource(nameof(Tiles))]
    public void Every_tile_is_right_with_every_number_of_splits(int index)
    {
        GemmTile tile = GemmTile.Simt[index];
        foreach (GemmForm form in Enum.GetValues<GemmForm>())
        {
            AssertProducts(tile, form, new(tile.M + 1, (2 * tile.K) - 1, tile.N + 3));
        }
    }

    // The same for rows that vectorized loads may take, with a tile of which a thread stages one float4 and one of which it stages more.
    [TestCase(0, TestName = "128x128")]
    [TestCase(1, TestName = "128x32")]
    public void A_tile_is_right_where_rows_are_aligned(int index)
    {
        GemmTile tile = GemmTile.Simt[index];
        foreach (GemmForm form in Enum.GetValues<GemmForm>())
        {
            AssertProducts(tile, form, new(tile.M + 4, (2 * tile.K) + 4, (2 * tile.N) - 4));
        }
    }

    void AssertProducts(GemmTile tile, GemmForm form, GemmSize size)
    {
        var gemm = new GpuGemm(Bench.Launcher);
        (float[] a, float[] b) = (Samples.Normal(size.M * size.K, seed: 1), Samples.Normal(size.K * size.N, seed: 2));
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(size.K), b.ToMatrix(size.N));
        Matrix<double> expected = ReferenceOperations.MatMul(left, right);
        Matrix<double> allowance = Tolerances.Gamma(size.K + 1) * ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        DeviceArray<float> leftOperand = Upload(form == GemmForm.LeftTransposed ? left.Transpose().ToFloats() : a);
        DeviceArray<float> rightOperand = Upload(form == GemmForm.RightTransposed ? right.Transpose().ToFloats() : b);
        foreach (GemmPlan plan in GemmPlan.WithSplits(size, tile))
        {
            DeviceArray<float> c = Output(size.M * size.N);
            gemm.Multiply(plan, form, leftOperand, rightOperand, size, c);
            Tensors.AssertClose(c.Read(), expected, Tolerances.Rounding, allowance, $"{form}, {plan.Splits} splits");
        }
    }
}
