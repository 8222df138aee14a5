using CsCheck;
using ILGPU;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Operations;

public sealed class BiasTests(TestBench bench) : KernelTests(bench)
{
    static readonly Gen<(int Rows, int Columns, float[] X, float[] Bias)> Layers =
        from rows in Gen.Int[1, 40]
        from columns in Gen.Int[1, 40]
        from x in Samples.Value.Array[rows * columns]
        from bias in Samples.Value.Array[columns]
        select (rows, columns, x, bias);

    [TestCaseSource(typeof(Samples), nameof(Samples.MatrixShapes))]
    public void AddIsOneAdditionInEveryRow(int rows, int columns) =>
        AssertAdd(rows, columns, Samples.Normal(rows * columns, seed: 1), Samples.Normal(columns, seed: 2));

    [TestCaseSource(typeof(Samples), nameof(Samples.MatrixShapes))]
    public void ColumnSumsAreTheSumsOverTheRows(int rows, int columns) =>
        AssertColumnSums(rows, columns, Samples.Normal(rows * columns, seed: 3, mean: 0.1));

    [Test]
    public void BothHoldForRandomValues() => ForAll(Layers, layer =>
    {
        AssertAdd(layer.Rows, layer.Columns, layer.X, layer.Bias);
        AssertColumnSums(layer.Rows, layer.Columns, layer.X);
    });

    [Test]
    public void ColumnSumsKeepNaNAndInfinityInTheirColumn()
    {
        float[] dy = Samples.Normal(9 * 5, seed: 4);
        (dy[7], dy[23]) = (float.NaN, float.NegativeInfinity);
        AssertColumnSums(9, 5, dy);
    }

    [Test]
    public void RejectsViewsOfTheWrongLength()
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
