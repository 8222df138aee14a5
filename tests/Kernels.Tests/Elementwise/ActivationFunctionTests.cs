using CsCheck;
using ILGPU;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class ActivationFunctionTests(TestBench bench) : KernelTests(bench)
{
    static readonly Gen<(float[] X, float[] Dy)> Activations =
        from count in Gen.Int[1, 300]
        from x in Samples.Value.Array[count]
        from dy in Samples.Value.Array[count]
        select (x, dy);

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void Forward_keeps_its_digits_from_the_tiniest_to_the_largest(Activation activation) =>
        AssertForward(activation, Samples.Sweep(1e-30f, 100f, step: 19_997));

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void Forward_holds_for_random_values(Activation activation) =>
        ForAll(Activations, sample => AssertForward(activation, sample.X));

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
        Tensors.AssertClose(both.Read(), ReferenceOperations.Activate(Activation.Tanh, x.ToMatrix(65)), Tolerances.Tanh);
    }

    [Test]
    public void Backward_is_the_slope_times_the_gradient(
        [ValueSource(typeof(ActivationRounding), nameof(ActivationRounding.All))] Activation activation, [Values(1, 7, 129)] int count) =>
        AssertBackward(activation, Samples.Normal(count, seed: 2), Samples.Normal(count, seed: 3));

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void Backward_holds_for_random_values(Activation activation) =>
        ForAll(Activations, sample => AssertBackward(activation, sample.X, sample.Dy));

    [Test]
    public void Values_that_are_not_finite_give_what_PyTorch_gives()
    {
        float[] x = [float.NegativeInfinity, float.PositiveInfinity, float.NaN];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Forward(Activation.Relu, x), Is.EqualTo([0f, float.PositiveInfinity, float.NaN]));
            Assert.That(Forward(Activation.Sigmoid, x), Is.EqualTo([0f, 1f, float.NaN]));
            Assert.That(Forward(Activation.Gelu, x)[1..], Is.EqualTo([float.PositiveInfinity, float.NaN]));
            Assert.That(Backward(Activation.Relu, [0f, -0f, 1e-30f, float.NaN], [2f, 2f, 2f, 2f]), Is.EqualTo([0f, 0f, 2f, 0f]));
            Assert.That(Backward(Activation.Gelu, [-1e30f, 1e30f, float.NaN], [2f, 2f, 2f]), Is.EqualTo([0f, 2f, float.NaN]).Within(1e-6f));
        }
    }

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

    float[] Forward(Activation activation, float[] x)
    {
        DeviceArray<float> y = Output(x.Length);
        Kernels.ActivationOf(activation).Forward(Upload(x), y);
        return y.Read();
    }

    float[] Backward(Activation activation, float[] source, float[] dy)
    {
        DeviceArray<float> dx = Output(source.Length);
        Kernels.ActivationOf(activation).Backward(Upload(source), Upload(dy), dx);
        return dx.Read();
    }

    void AssertForward(Activation activation, float[] x) => ActivationRounding.AssertForward(activation, x, Forward(activation, x));

    void AssertBackward(Activation activation, float[] x, float[] dy)
    {
        float[] source = ActivationRounding.Source(activation, x);
        ActivationRounding.AssertBackward(activation, source, dy, Backward(activation, source, dy));
    }
}
