using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Gemm;

/// <summary>Matrix products as each accelerator is given them.</summary>
/// <param name="bench">The bench.</param>
sealed class OwnMatMulTests(TestBench bench) : MatMulTests(bench)
{
    /// <inheritdoc/>
    protected override LaunchShape Shape => Bench.Shape;
}

/// <summary>Matrix products whose tiles a group computes.</summary>
/// <param name="bench">The bench.</param>
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.FullGroups))]
sealed class GroupMatMulTests(TestBench bench) : MatMulTests(bench)
{
    /// <inheritdoc/>
    protected override LaunchShape Shape => Bench.Shape with { HasBlockTiles = true };
}

/// <summary>What holds of matrix products, however they are launched.</summary>
/// <param name="bench">The bench.</param>
abstract class MatMulTests(TestBench bench) : KernelTests(bench)
{
    // rows, depth, columns
    static readonly int[][] Shapes =
    [
        [1, 1, 1], [17, 1, 5], [65, 3, 1], [1, 3, 65], [4, 8, 8], [16, 7, 64], [17, 9, 65], [33, 65, 129], [32, 30, 200], [30, 32, 200],
    ];

    static readonly Gen<(int Rows, int Depth, int Columns, float[] A, float[] B)> Products =
        from rows in Gen.Int[1, 40]
        from depth in Gen.Int[1, 40]
        from columns in Gen.Int[1, 80]
        from a in Samples.Value.Array[rows * depth]
        from b in Samples.Value.Array[depth * columns]
        select (rows, depth, columns, a, b);

    /// <summary>How the products are launched.</summary>
    protected abstract LaunchShape Shape { get; }

    MatMul MatMul => field ??= new(Bench.Launcher with { Shape = Shape });

    [TestCaseSource(nameof(Shapes))]
    public void Every_form_is_the_product(int rows, int depth, int columns) =>
        AssertProducts(rows, depth, columns, Samples.Normal(rows * depth, seed: 1), Samples.Normal(depth * columns, seed: 2));

    [Test]
    public void Every_form_is_the_product_of_random_matrices() =>
        ForAll(Products, product => AssertProducts(product.Rows, product.Depth, product.Columns, product.A, product.B));

    [Test]
    public void Large_and_small_terms_stay_within_their_bound()
    {
        float[] a = Samples.Normal(17 * 33, seed: 3);
        float[] b = Samples.Normal(33 * 19, seed: 4);
        for (int i = 0; i < a.Length; i++)
        {
            a[i] *= MathF.Pow(10, (i % 21) - 10);
        }
        AssertProducts(17, 33, 19, a, b);
    }

    [Test]
    public void Infinity_and_NaN_reach_their_row_and_no_other()
    {
        float[] a = Samples.Normal(5 * 9, seed: 5);
        (a[9 + 4], a[(3 * 9) + 8]) = (float.PositiveInfinity, float.NaN);
        float[] b = Samples.Normal(9 * 11, seed: 6);
        AssertProducts(5, 9, 11, a, b);
    }

    [Test]
    public void Neither_the_launch_shape_nor_repetition_changes_a_bit()
    {
        (float[] a, float[] b) = (Samples.Normal(33 * 65, seed: 7), Samples.Normal(65 * 129, seed: 8));
        float[][] expected = Multiply(MatMul, 33, 65, 129, a, b);
        LaunchShape own = Shape;
        foreach ((int threads, int groups) in new[] { (own.GroupSize, own.MaxGroups), (own.GroupSize, 2), (1, 1), (1, 5) })
        {
            LaunchShape shape = own with { GroupSize = threads, MaxGroups = groups };
            float[][] actual = Multiply(new MatMul(Bench.Launcher with { Shape = shape }), 33, 65, 129, a, b);
            Tensors.AssertSameBits([.. actual.SelectMany(c => c)], [.. expected.SelectMany(c => c)], $"{groups} groups of {threads}");
        }
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> a = Output(6), b = Output(12), c = Output(8), wrong = Output(7);
        foreach (var product in new[] { MatMul.Multiply, MatMul.MultiplyLeftTransposed, MatMul.MultiplyRightTransposed })
        {
            AssertRejects("a", () => product(wrong, b, 2, 3, 4, c));
            AssertRejects("b", () => product(a, wrong, 2, 3, 4, c));
            AssertRejects("c", () => product(a, b, 2, 3, 4, wrong));
        }
    }

    void AssertProducts(int rows, int depth, int columns, float[] a, float[] b)
    {
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(depth), b.ToMatrix(columns));
        Matrix<double> expected = ReferenceOperations.MatMul(left, right);
        Matrix<double> allowance = Tolerances.Gamma(depth) * ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        float[][] products = Multiply(MatMul, rows, depth, columns, a, b);
        Tensors.AssertClose(products[0], expected, Tolerances.Rounding, allowance, "A·B");
        Tensors.AssertClose(products[1], expected, Tolerances.Rounding, allowance, "Aᵀ·B");
        Tensors.AssertClose(products[2], expected, Tolerances.Rounding, allowance, "A·Bᵀ");
    }

    // A·B in each of the three forms, the second with A stored as its transpose, the third with B.
    float[][] Multiply(MatMul matMul, int rows, int depth, int columns, float[] a, float[] b)
    {
        DeviceArray<float> plain = Output(rows * columns), left = Output(rows * columns), right = Output(rows * columns);
        matMul.Multiply(Upload(a), Upload(b), rows, depth, columns, plain);
        matMul.MultiplyLeftTransposed(Upload(a.ToMatrix(depth).Transpose().ToFloats()), Upload(b), rows, depth, columns, left);
        matMul.MultiplyRightTransposed(Upload(a), Upload(b.ToMatrix(columns).Transpose().ToFloats()), rows, depth, columns, right);
        return [plain.Read(), left.Read(), right.Read()];
    }
}
