using CsCheck;
using ILGPU;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class BiasTests(TestBench bench) : KernelTests(bench)
{
    static readonly Gen<(int Rows, int Columns, float[] X, float[] Bias)> Layers =
        from rows in Gen.Int[1, 40]
        from columns in Gen.Int[1, 40]
        from x in Samples.Value.Array[rows * columns]
        from bias in Samples.Value.Array[columns]
        select (rows, columns, x, bias);

    [TestCaseSource(typeof(Samples), nameof(Samples.MatrixShapes))]
    public void Add_is_one_addition_in_every_row(int rows, int columns) =>
        AssertAdd(rows, columns, Samples.Normal(rows * columns, seed: 1), Samples.Normal(columns, seed: 2));

    [TestCaseSource(typeof(Samples), nameof(Samples.MatrixShapes))]
    public void Column_sums_are_the_sums_over_the_rows(int rows, int columns) =>
        AssertColumnSums(rows, columns, Samples.Normal(rows * columns, seed: 3, mean: 0.1));

    [Test]
    public void Both_hold_for_random_values() => ForAll(Layers, layer =>
    {
        AssertAdd(layer.Rows, layer.Columns, layer.X, layer.Bias);
        AssertColumnSums(layer.Rows, layer.Columns, layer.X);
    });

    [Test]
    public void Column_sums_keep_NaN_and_infinity_in_their_column()
    {
        float[] dy = Samples.Normal(9 * 5, seed: 4);
        (dy[7], dy[23]) = (float.NaN, float.NegativeInfinity);
        AssertColumnSums(9, 5, dy);
    }

    // Integers add up exactly in any order: not a row may be missing, and none counted twice.
    [Test]
    public void Column_sums_add_up_each_row_once([Values(1, 2, 31, 33, 257, 4097)] int rows, [Values(1, 3, 33, 200)] int columns)
    {
        float[] dy = Array.ConvertAll(Samples.Integers(rows * columns, below: 17, seed: 5), value => value - 8f);
        DeviceArray<float> dBias = Output(columns);
        Kernels.Bias.ColumnSums(Upload(dy), rows, columns, dBias);
        Tensors.AssertClose(dBias.Read(), dy.ToMatrix(columns).ColumnSums(), Tolerances.Exact);
    }

    // Views into a larger buffer need not begin at a whole float4.
    [Test]
    public void Both_take_views_that_begin_anywhere([Values(0, 1, 4)] int start)
    {
        float[] x = Samples.Normal(33 * 8, seed: 6);
        DeviceArray<float> buffer = Upload([.. new float[start], .. x]), sums = Output(start + 8);
        Kernels.Bias.Add(Upload(Samples.Normal(8, seed: 7)), 33, 8, buffer.View.SubView(start, x.Length));
        Kernels.Bias.ColumnSums(buffer.View.SubView(start, x.Length), 33, 8, sums.View.SubView(start, 8));
        Vector<double> expected = x.ToMatrix(8).ColumnSums() + (33 * Samples.Normal(8, seed: 7).ToVector());
        Tensors.AssertClose(sums.Read()[start..], expected, Tolerances.Forward, Vector<double>.Build.Dense(8, Tolerances.Gamma(34) * 100));
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> bias = Output(2), x = Output(6), wrong = Output(5);
        AssertRejects("bias", () => Kernels.Bias.Add(wrong, 3, 2, x));
        AssertRejects("x", () => Kernels.Bias.Add(bias, 3, 2, wrong));
        AssertRejects("dy", () => Kernels.Bias.ColumnSums(wrong, 3, 2, bias));
        AssertRejects("dBias", () => Kernels.Bias.ColumnSums(x, 3, 2, wrong));
    }

    void AssertAdd(int rows, int columns, float[] x, float[] bias)
    {
        DeviceArray<float> y = Upload(x);
        Kernels.Bias.Add(Upload(bias), rows, columns, y);
        Matrix<double> expected = ReferenceOperations.AddBias(x.ToMatrix(columns), bias.ToVector());
        Tensors.AssertClose(y.Read(), expected, Tolerances.Rounding, Tolerances.Gamma(1) * expected.PointwiseAbs());
    }

    void AssertColumnSums(int rows, int columns, float[] dy)
    {
        DeviceArray<float> dBias = Output(columns);
        Kernels.Bias.ColumnSums(Upload(dy), rows, columns, dBias);
        Matrix<double> matrix = dy.ToMatrix(columns);
        Vector<double> allowance = Tolerances.Gamma(rows - 1) * ReferenceOperations.ColumnSums(matrix.PointwiseAbs());
        Tensors.AssertClose(dBias.Read(), ReferenceOperations.ColumnSums(matrix), Tolerances.Rounding, allowance);
    }
}
