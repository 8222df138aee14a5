using CsCheck;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Tests.Simd;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Elementwise;

sealed class TileTanhTests(TileBody body) : TileTests(body)
{
    static readonly Gen<(float[] X, float[] DY)> Activated =
        from count in Gen.Int[1, 100]
        from x in Samples.Value.Array[count]
        from dy in Samples.Value.Array[count]
        select (x, dy);

    [TestCaseSource(nameof(Lengths))]
    public void Forward_holds_for_every_count(int count) => AssertForward(Samples.Normal(count, seed: 1, deviation: 2));

    [Test]
    public void Forward_keeps_its_digits_from_the_tiniest_to_the_largest() => AssertForward(Samples.Sweep(1e-30f, 100f, step: 99_991));

    [Test]
    public void Forward_holds_for_random_values() => ForAll(Activated, activated => AssertForward(activated.X));

    // A value at every index, among whole vectors and behind them.
    [TestCase(0f, 0f)]
    [TestCase(20f, 1f)]
    [TestCase(-20f, -1f)]
    [TestCase(1e4f, 1f)]
    [TestCase(float.PositiveInfinity, 1f)]
    [TestCase(float.NegativeInfinity, -1f)]
    [TestCase(float.NaN, float.NaN)]
    public void Forward_of_special_values_is_exact(float x, float expected) =>
        Assert.That(Forward([.. Enumerable.Repeat(x, 33)]), Is.All.EqualTo(expected));

    [Test]
    public void Forward_of_subnormal_numbers_stays_small()
    {
        float[] x = Samples.Sweep(float.Epsilon, 1e-30f, step: 999_983);
        Tensors.AssertClose(Forward(x), x.ToVector(), new Tolerance(Tolerances.SmallestNormal, Tolerances.Tanh.Relative));
    }

    // Among whole vectors and behind them.
    [Test]
    public void The_digits_of_a_value_do_not_depend_on_its_index([Random(-3f, 3f, 20)] float x) =>
        Assert.That(Forward([.. Enumerable.Repeat(x, 33)]).Distinct(), Has.Exactly(1).Items);

    [Test]
    public void NaN_stays_at_its_index()
    {
        float[] x = Samples.Normal(33, seed: 2);
        (x[3], x[32]) = (float.NaN, float.NaN);
        AssertForward(x);
    }

    [TestCaseSource(nameof(Lengths))]
    public void Backward_is_the_slope_times_the_gradient(int count) =>
        AssertBackward(Array.ConvertAll(Samples.Normal(count, seed: 3), MathF.Tanh), Samples.Normal(count, seed: 4));

    [Test]
    public void Backward_holds_for_random_values() =>
        ForAll(Activated, activated => AssertBackward(Array.ConvertAll(activated.X, MathF.Tanh), activated.DY));

    [Test]
    public void Backward_is_zero_where_the_activation_is_saturated() => Assert.That(
        Backward([.. Enumerable.Range(0, 33).Select(i => i % 2 == 0 ? 1f : -1f)], [.. Enumerable.Repeat(1e30f, 33)]), Is.All.Zero);

    void AssertForward(float[] x) =>
        Tensors.AssertClose(Forward(x), Vector<double>.Build.Dense(x.Length, i => Math.Tanh(x[i])), Tolerances.Tanh);

    // y² is rounded before it is taken from 1, which costs digits of the difference where y is close to 1.
    void AssertBackward(float[] y, float[] dy)
    {
        Matrix<double> expected = ReferenceOperations.TanhBackward(y.ToMatrix(y.Length), dy.ToMatrix(y.Length));
        Tensors.AssertClose(
            Backward(y, dy), expected, Tolerances.Rounding, Tolerances.Gamma(3) * dy.ToMatrix(y.Length).PointwiseAbs());
    }

    // To another operand, and in place.
    float[] Forward(float[] x)
    {
        GuardedMatrix from = Matrix(x, x.Length), y = Matrix(Nothing(x.Length), x.Length), both = Matrix(x, x.Length);
        Run(new TileTanhForward(from.Memory, y.Memory, x.Length), y);
        Run(new TileTanhForward(both.Memory, both.Memory, x.Length), both);
        Tensors.AssertSameBits(both.Read(), y.Read());
        return y.Read();
    }

    float[] Backward(float[] y, float[] dy)
    {
        int count = y.Length;
        GuardedMatrix outputs = Matrix(y, count), from = Matrix(dy, count), dx = Matrix(Nothing(count), count), both = Matrix(dy, count);
        Run(new TileTanhBackward(outputs.Memory, from.Memory, dx.Memory, count), dx);
        Run(new TileTanhBackward(outputs.Memory, both.Memory, both.Memory, count), both);
        Tensors.AssertSameBits(both.Read(), dx.Read());
        return dx.Read();
    }
}
