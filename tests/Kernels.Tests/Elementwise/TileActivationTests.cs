using CsCheck;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tests.Simd;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class TileActivationTests(TileBody body) : TileTests(body)
{
    static readonly Gen<(float[] X, float[] DY)> Activated =
        from count in Gen.Int[1, 100]
        from x in Samples.Value.Array[count]
        from dy in Samples.Value.Array[count]
        select (x, dy);

    [TestCaseSource(nameof(Lengths))]
    public void Forward_holds_for_every_count(int count) =>
        Array.ForEach(ActivationRounding.All, activation => AssertForward(activation, Samples.Normal(count, seed: 1, deviation: 2)));

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void Forward_keeps_its_digits_from_the_tiniest_to_the_largest(Activation activation) =>
        AssertForward(activation, Samples.Sweep(1e-30f, 100f, step: 99_991));

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void Forward_holds_for_random_values(Activation activation) =>
        ForAll(Activated, activated => AssertForward(activation, activated.X));

    // A value at every index, among whole vectors and behind them.
    [TestCase(0f, 0f)]
    [TestCase(20f, 1f)]
    [TestCase(-20f, -1f)]
    [TestCase(1e4f, 1f)]
    [TestCase(float.PositiveInfinity, 1f)]
    [TestCase(float.NegativeInfinity, -1f)]
    [TestCase(float.NaN, float.NaN)]
    public void Forward_of_special_values_is_exact(float x, float expected) =>
        Assert.That(Forward(Activation.Tanh, [.. Enumerable.Repeat(x, 33)]), Is.All.EqualTo(expected));

    [Test]
    public void Forward_of_subnormal_numbers_stays_small()
    {
        float[] x = Samples.Sweep(float.Epsilon, 1e-30f, step: 999_983);
        Tensors.AssertClose(Forward(Activation.Tanh, x), x.ToVector(), new Tolerance(Tolerances.SmallestNormal, Tolerances.Tanh.Relative));
    }

    // Among whole vectors and behind them.
    [Test]
    public void The_digits_of_a_value_do_not_depend_on_its_index([Random(-3f, 3f, 20)] float x) => Array.ForEach(
        ActivationRounding.All, activation =>
            Assert.That(Forward(activation, [.. Enumerable.Repeat(x, 33)]).Distinct(), Has.Exactly(1).Items, $"{activation}"));

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void NaN_stays_at_its_index(Activation activation)
    {
        float[] x = Samples.Normal(33, seed: 2);
        (x[3], x[32]) = (float.NaN, float.NaN);
        AssertForward(activation, x);
    }

    [TestCaseSource(nameof(Lengths))]
    public void Backward_is_the_slope_times_the_gradient(int count) => Array.ForEach(
        ActivationRounding.All, activation => AssertBackward(activation, Samples.Normal(count, seed: 3), Samples.Normal(count, seed: 4)));

    [TestCaseSource(typeof(ActivationRounding), nameof(ActivationRounding.All))]
    public void Backward_holds_for_random_values(Activation activation) =>
        ForAll(Activated, activated => AssertBackward(activation, activated.X, activated.DY));

    [Test]
    public void Backward_is_zero_where_the_activation_is_saturated() => Assert.That(
        Backward(Activation.Tanh, [.. Enumerable.Range(0, 33).Select(i => i % 2 == 0 ? 1f : -1f)], [.. Enumerable.Repeat(1e30f, 33)]),
        Is.All.Zero);

    void AssertForward(Activation activation, float[] x) => ActivationRounding.AssertForward(activation, x, Forward(activation, x));

    void AssertBackward(Activation activation, float[] x, float[] dy)
    {
        float[] source = ActivationRounding.Source(activation, x);
        ActivationRounding.AssertBackward(activation, source, dy, Backward(activation, source, dy));
    }

    // To another operand, and in place.
    float[] Forward(Activation activation, float[] x)
    {
        GuardedMatrix from = Matrix(x, x.Length), y = Matrix(Nothing(x.Length), x.Length), both = Matrix(x, x.Length);
        Run(new TileActivationForward(activation, from.Memory, y.Memory, x.Length), y);
        Run(new TileActivationForward(activation, both.Memory, both.Memory, x.Length), both);
        Tensors.AssertSameBits(both.Read(), y.Read());
        return y.Read();
    }

    float[] Backward(Activation activation, float[] source, float[] dy)
    {
        int count = source.Length;
        GuardedMatrix outputs = Matrix(source, count), from = Matrix(dy, count), both = Matrix(dy, count);
        GuardedMatrix dx = Matrix(Nothing(count), count);
        Run(new TileActivationBackward(activation, outputs.Memory, from.Memory, dx.Memory, count), dx);
        Run(new TileActivationBackward(activation, outputs.Memory, both.Memory, both.Memory, count), both);
        Tensors.AssertSameBits(both.Read(), dx.Read());
        return dx.Read();
    }
}
