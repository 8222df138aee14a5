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
    static readonly (int Rows, int Depth)[] Heights = [(1, 200), (3, 31), (4, 1), (8, 2), (13, 31), (17, 1)];

    static readonly Gen<(int Rows, int Depth, int Columns, float[] A, float[] B)> Products =
        from rows in Gen.Int[1, 20]
        from depth in Gen.Int[1, 40]
        from columns in Gen.Int[1, 70]
        from a in Samples.Value.Array[rows * depth]
        from b in Samples.Value.Array[depth * columns]
        select (rows, depth, columns, a, b);

    [TestCaseSource(nameof(Lengths))]
    public void It_is_the_product_for_every_shape(int columns)
    {
        foreach ((int rows, int depth) in Heights)
        {
            AssertProduct(rows, depth, columns, Samples.Normal(rows * depth, seed: 1), Samples.Normal(depth * columns, seed: 2));
        }
    }

    [Test]
    public void It_is_the_product_of_random_matrices() =>
        ForAll(Products, product => AssertProduct(product.Rows, product.Depth, product.Columns, product.A, product.B));

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
    void AssertProduct(int rows, int depth, int columns, float[] a, float[] b)
    {
        (Matrix<double> left, Matrix<double> right) = (a.ToMatrix(depth), b.ToMatrix(columns));
        Matrix<double> product = ReferenceOperations.MatMul(left, right);
        Matrix<double> terms = ReferenceOperations.MatMul(left.PointwiseAbs(), right.PointwiseAbs());
        float[] before = Samples.Normal(rows * columns, seed: 7);
        Matrix<double> start = before.ToMatrix(columns);

        foreach (float[]? transpose in new[] { null, left.Transpose().ToFloats() })
        {
            string form = $"{(transpose is null ? "A" : "Aᵀ")}·B [{rows}, {depth}, {columns}]";
            Tensors.AssertClose(Replaced(), product, Tolerances.Rounding, Tolerances.Gamma(depth) * terms, $"C = {form}");
            Matrix<double> allowance = Tolerances.Gamma(depth + 2) * (start.PointwiseAbs() + (Math.Abs(Factor) * terms));
            Tensors.AssertClose(Added(), start + (Factor * product), Tolerances.Rounding, allowance, $"C += {form}");

            MatrixView A() => transpose is null ? Matrix(a, depth).View : Matrix(transpose, rows).View.Transposed;

            float[] Replaced()
            {
                GuardedMatrix c = Matrix(Nothing(rows * columns), columns);
                Run(new TileGemm(A(), Matrix(b, columns).View, c.View, rows, depth, columns), c);
                return c.Read();
            }

            float[] Added()
            {
                GuardedMatrix c = Matrix(before, columns);
                Run(new TileGemm(A(), Matrix(b, columns).View, c.View, rows, depth, columns, IsAdded: 1, Factor), c);
                return c.Read();
            }
        }
    }
}
