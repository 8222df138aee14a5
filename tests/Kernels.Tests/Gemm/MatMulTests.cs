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
[TestFixtureSource(typeof(TestBenches), nameof(TestBenches.FullGroupsOfEachAlignment))]
sealed class GroupMatMulTests(TestBench bench) : MatMulTests(bench)
{
    /// <inheritdoc/>
    protected override LaunchShape Shape => Bench.Shape with { HasBlockTiles = true };
}

/// <summary>What holds of matrix products, however they are launched.</summary>
/// <param name="bench">The bench.</param>
abstract class MatMulTests(TestBench bench) : KernelTests(bench)
{
    // m, k, n
    static readonly int[][] Shapes =
    [
        [1, 1, 1], [17, 1, 5], [65, 3, 1], [1, 3, 65], [4, 8, 8], [16, 7, 64], [17, 9, 65], [33, 65, 129], [32, 30, 200], [30, 32, 200],
        [121, 257, 17], [5, 513, 33], [2, 3, 1025],
    ];

    static readonly Gen<(int M, int K, int N, float[] A, float[] B)> Products =
        from m in Gen.Int[1, 40]
        from k in Gen.Int[1, 40]
        from n in Gen.Int[1, 80]
        from a in Samples.Value.Array[m * k]
        from b in Samples.Value.Array[k * n]
        select (m, k, n, a, b);

    /// <summary>How the products are launched.</summary>
    protected abstract LaunchShape Shape { get; }

    MatMul MatMul => field ??= new(Bench.Launcher with { Shape = Shape });

    [TestCaseSource(nameof(Shapes))]
    public void Every_form_is_the_product(int m, int k, int n) =>
        AssertProducts(m, k, n, Samples.Normal(m * k, seed: 1), Samples.Normal(k * n, seed: 2));

    [Test]
    public void Every_form_is_the_product_of_random_matrices() =>
        ForAll(Products, product => AssertProducts(product.M, product.K, product.N, product.A, product.B));

    [Test]
    public void A_sum_of_nothing_is_zero()
    {
        DeviceArray<float> c = Output(7 * 5);
        MatMul.Multiply(Output(0), Output(0), 7, 0, 5, c);
        Assert.That(c.Read(), Is.All.Zero);
    }

    // Rounding errors of either sign partly cancel: the error grows as the root of K, not as K.
    [Test]
    public void Long_sums_of_random_terms_stay_near_the_product()
    {
        const int K = 4099;
        (float[] a, float[] b) = (Samples.Normal(3 * K, seed: 9), Samples.Normal(K * 5, seed: 10));
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(K), b.ToMatrix(5));
        double norm = left.RowNorms(2).Maximum() * right.ColumnNorms(2).Maximum();
        foreach (float[] c in Multiply(MatMul, 3, K, 5, a, b))
        {
            double error = (c.ToMatrix(5) - ReferenceOperations.MatMul(left, right)).Enumerate().Max(Math.Abs);
            Assert.That(error, Is.LessThan(2 * Math.Sqrt(K) * 6e-8 * norm));
        }
    }

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
        foreach (Product product in new Product[] { MatMul.Multiply, MatMul.MultiplyLeftTransposed, MatMul.MultiplyRightTransposed })
        {
            AssertRejects("a", () => product(wrong, b, 2, 3, 4, c));
            AssertRejects("b", () => product(a, wrong, 2, 3, 4, c));
            AssertRejects("c", () => product(a, b, 2, 3, 4, wrong));
        }
    }

    delegate void Product(ArrayView<float> a, ArrayView<float> b, int m, int k, int n, ArrayView<float> c);

    void AssertProducts(int m, int k, int n, float[] a, float[] b)
    {
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(k), b.ToMatrix(n));
        Matrix<double> expected = ReferenceOperations.MatMul(left, right);
        Matrix<double> allowance = Tolerances.Gamma(k) * ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        float[][] products = Multiply(MatMul, m, k, n, a, b);
        Tensors.AssertClose(products[0], expected, Tolerances.Rounding, allowance, "A·B");
        Tensors.AssertClose(products[1], expected, Tolerances.Rounding, allowance, "Aᵀ·B");
        Tensors.AssertClose(products[2], expected, Tolerances.Rounding, allowance, "A·Bᵀ");
    }

    // A·B in each of the three forms, the second with A stored as its transpose, the third with B.
    float[][] Multiply(MatMul matMul, int m, int k, int n, float[] a, float[] b)
    {
        DeviceArray<float> plain = Output(m * n), left = Output(m * n), right = Output(m * n);
        matMul.Multiply(Upload(a), Upload(b), m, k, n, plain);
        matMul.MultiplyLeftTransposed(Upload(a.ToMatrix(k).Transpose().ToFloats()), Upload(b), m, k, n, left);
        matMul.MultiplyRightTransposed(Upload(a), Upload(b.ToMatrix(n).Transpose().ToFloats()), m, k, n, right);
        return [plain.Read(), left.Read(), right.Read()];
    }
}
