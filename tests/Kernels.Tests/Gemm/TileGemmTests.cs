using CsCheck;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Gemm;

sealed class TileGemmTests(TileBody body) : TileTests(body)
{
    const float Factor = -0.3f;

    // Blocks of eight rows, of four, and single ones.
    static readonly (int M, int K)[] Heights = [(1, 200), (3, 31), (4, 1), (8, 2), (13, 31), (17, 1)];

    static readonly Gen<(int M, int K, int N, float[] A, float[] B)> Products =
        from m in Gen.Int[1, 20]
        from k in Gen.Int[1, 40]
        from n in Gen.Int[1, 70]
        from a in Samples.Value.Array[m * k]
        from b in Samples.Value.Array[k * n]
        select (m, k, n, a, b);

    [TestCaseSource(nameof(Lengths))]
    public void It_is_the_product_for_every_shape(int n)
    {
        foreach ((int m, int k) in Heights)
        {
            AssertProduct(m, k, n, Samples.Normal(m * k, seed: 1), Samples.Normal(k * n, seed: 2));
        }
    }

    [Test]
    public void It_is_the_product_of_random_matrices() =>
        ForAll(Products, product => AssertProduct(product.M, product.K, product.N, product.A, product.B));

    [Test]
    public void Large_and_small_terms_stay_within_their_bound()
    {
        float[] a = Samples.Normal(13 * 33, seed: 3);
        for (int i = 0; i < a.Length; i++)
        {
            a[i] *= MathF.Pow(10, (i % 21) - 10);
        }
        AssertProduct(13, 33, 49, a, Samples.Normal(33 * 49, seed: 4));
    }

    [Test]
    public void Infinity_and_NaN_reach_their_row_or_column_and_no_other()
    {
        (float[] a, float[] b) = (Samples.Normal(13 * 9, seed: 5), Samples.Normal(9 * 49, seed: 6));
        (a[9 + 4], a[(12 * 9) + 8]) = (float.PositiveInfinity, float.NaN);
        (b[17], b[(3 * 49) + 48]) = (float.NaN, float.NegativeInfinity);
        AssertProduct(13, 9, 49, a, b);
    }

    // A and its transpose, replacing what C holds and adding to it.
    void AssertProduct(int m, int k, int n, float[] a, float[] b)
    {
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(k), b.ToMatrix(n));
        Matrix<double> product = ReferenceOperations.MatMul(left, right);
        Matrix<double> terms = ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        float[] before = Samples.Normal(m * n, seed: 7);
        Matrix<double> start = before.ToMatrix(n);

        foreach (float[]? transpose in new[] { null, left.Transpose().ToFloats() })
        {
            string form = $"{(transpose is null ? "A" : "Aᵀ")}·B [{m}, {k}, {n}]";
            Tensors.AssertClose(Replaced(), product, Tolerances.Rounding, Tolerances.Gamma(k) * terms, $"C = {form}");
            Matrix<double> allowance = Tolerances.Gamma(k + 2) * (start.PointwiseAbs() + (Math.Abs(Factor) * terms));
            Tensors.AssertClose(Added(), start + (Factor * product), Tolerances.Rounding, allowance, $"C += {form}");

            MatrixView A() => transpose is null ? Matrix(a, k).View : Matrix(transpose, m).View.Transposed;

            float[] Replaced()
            {
                GuardedMatrix c = Matrix(Nothing(m * n), n);
                Run(new TileGemm(A(), Matrix(b, n).View, c.View, m, k, n), c);
                return c.Read();
            }

            float[] Added()
            {
                GuardedMatrix c = Matrix(before, n);
                Run(new TileGemm(A(), Matrix(b, n).View, c.View, m, k, n, IsAdded: 1, Factor), c);
                return c.Read();
            }
        }
    }
}
