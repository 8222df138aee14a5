using CsCheck;
using ILGPU;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class TanhTests(TestBench bench) : KernelTests(bench)
{
    static readonly Gen<(float[] X, float[] Dy)> Activations =
        from count in Gen.Int[1, 300]
        from x in Samples.Value.Array[count]
        from dy in Samples.Value.Array[count]
        select (x, dy);

    [Test]
    public void Forward_keeps_its_digits_from_the_tiniest_to_the_largest() => AssertForward(Samples.Sweep(1e-30f, 100f, step: 19_997));

    // The polynomial ends and the exponential begins at 0.625.
    [Test]
    public void Forward_keeps_its_digits_where_its_formula_changes() => AssertForward(Samples.Sweep(0.6249f, 0.6251f, step: 1));

    [Test]
    public void Forward_holds_for_random_values() => ForAll(Activations, activation => AssertForward(activation.X));

    [Test]
    public void Forward_saturates_at_one_and_keeps_NaN()
    {
        float[] large = [20f, 1e4f, float.MaxValue, float.PositiveInfinity];
        DeviceArray<float> y = Output((2 * large.Length) + 2);
        Kernels.Tanh.Forward(Upload([.. large, .. large.Select(x => -x), float.NaN, 0f]), y);
        Assert.That(y.Read(), Is.EqualTo([1f, 1f, 1f, 1f, -1f, -1f, -1f, -1f, float.NaN, 0f]));
    }

    [Test]
    public void Forward_may_replace_its_argument()
    {
        float[] x = Samples.Normal(65, seed: 1);
        DeviceArray<float> both = Upload(x);
        Kernels.Tanh.Forward(both, both);
        Tensors.AssertClose(both.Read(), ReferenceOperations.Tanh(x.ToMatrix(65)), Tolerances.Tanh);
    }

    [TestCase(1)]
    [TestCase(7)]
    [TestCase(129)]
    public void Backward_is_the_slope_times_the_gradient(int count) =>
        AssertBackward(Array.ConvertAll(Samples.Normal(count, seed: 2), MathF.Tanh), Samples.Normal(count, seed: 3));

    [Test]
    public void Backward_holds_for_random_values() =>
        ForAll(Activations, activation => AssertBackward(Array.ConvertAll(activation.X, MathF.Tanh), activation.Dy));

    [Test]
    public void Backward_is_zero_where_the_activation_is_saturated()
    {
        DeviceArray<float> gradient = Upload(1f, -2f, 1e30f);
        Kernels.Tanh.Backward(Upload(1f, -1f, 1f), gradient, gradient);
        Assert.That(gradient.Read(), Is.All.Zero);
    }

    // Views into a larger buffer need not begin at a whole float4.
    [TestCase(0)]
    [TestCase(1)]
    [TestCase(4)]
    public void Both_take_views_that_begin_anywhere(int start)
    {
        float[] x = Samples.Normal(64, seed: 4);
        DeviceArray<float> y = Output(start + 64), dx = Output(start + 64);
        Kernels.Tanh.Forward(Upload([.. new float[start], .. x]).View.SubView(start, 64), y.View.SubView(start, 64));
        Kernels.Tanh.Backward(y.View.SubView(start, 64), y.View.SubView(start, 64), dx.View.SubView(start, 64));
        Vector<double> tanh = x.ToVector().Map(Math.Tanh);
        Tensors.AssertClose(y.Read()[start..], tanh, Tolerances.Tanh);
        Tensors.AssertClose(dx.Read()[start..], tanh - tanh.PointwisePower(3), Tolerances.Forward);
    }

    [Test]
    public void Views_of_the_wrong_length_are_refused()
    {
        ArrayView<float> x = Output(6), wrong = Output(5);
        AssertRejects("y", () => Kernels.Tanh.Forward(x, wrong));
        AssertRejects("dy", () => Kernels.Tanh.Backward(x, wrong, x));
        AssertRejects("dx", () => Kernels.Tanh.Backward(x, x, wrong));
    }

    void AssertForward(float[] x)
    {
        DeviceArray<float> y = Output(x.Length);
        Kernels.Tanh.Forward(Upload(x), y);
        Tensors.AssertClose(y.Read(), Vector<double>.Build.Dense(x.Length, i => Math.Tanh(x[i])), Tolerances.Tanh);
    }

    void AssertBackward(float[] y, float[] dy)
    {
        DeviceArray<float> dx = Output(y.Length);
        Kernels.Tanh.Backward(Upload(y), Upload(dy), dx);

        // y² is rounded before it is taken from 1, which costs digits of the difference where y is close to 1, as theory says.
        Matrix<double> expected = ReferenceOperations.TanhBackward(y.ToMatrix(y.Length), dy.ToMatrix(y.Length));
        Tensors.AssertClose(dx.Read(), expected, Tolerances.Rounding, Tolerances.Gamma(3) * dy.ToMatrix(y.Length).PointwiseAbs());
    }
}
