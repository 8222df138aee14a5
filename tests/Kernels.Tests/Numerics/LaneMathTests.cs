using Makemore.Gpu.Kernels.Numerics;
using Makemore.Gpu.Kernels.Simd;
using Makemore.Gpu.Kernels.Tests.Simd;
using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;

namespace Makemore.Gpu.Kernels.Tests.Numerics;

[TestFixture(typeof(Avx512Lanes))]
[TestFixture(typeof(Avx2Lanes))]
[TestFixture(typeof(PortableLanes))]
[TestFixture(typeof(Quad))]
sealed class LaneMathTests<TLanes> : LaneTests<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    const float Infinity = float.PositiveInfinity;

    static Tolerance TanhPromise => IsRegister ? Tolerances.VectorTanh : Tolerances.Tanh;

    [Test]
    public void Tanh_keeps_its_digits_from_the_tiniest_to_the_largest() =>
        AssertFunction(LaneMath.Tanh, Math.Tanh, Samples.Sweep(float.Epsilon, 100f, step: 2_003), TanhPromise);

    // Where it is neither its argument nor ±1.
    [Test]
    public void Tanh_keeps_its_digits_where_it_bends() =>
        AssertFunction(LaneMath.Tanh, Math.Tanh, Samples.Sweep(1e-3f, 9.1f, step: 211), TanhPromise);

    [Test]
    public void Tanh_is_odd_and_never_beyond_one()
    {
        float[] x = Array.FindAll(Samples.Sweep(1e-3f, 20f, step: 997), value => value > 0);
        float[] y = Map(LaneMath.Tanh, x);
        Assert.That(y.Max(), Is.EqualTo(1f));
        Tensors.AssertSameBits(Map(LaneMath.Tanh, Array.ConvertAll(x, value => -value)), Array.ConvertAll(y, value => -value));
    }

    [Test]
    public void Tanh_of_special_values_is_exact() => Assert.That(
        Map(LaneMath.Tanh, [0f, -0f, 9.1f, -9.1f, 1e4f, float.MaxValue, float.MinValue, Infinity, -Infinity, float.NaN]),
        Is.EqualTo([0f, 0f, 1f, -1f, 1f, 1f, -1f, 1f, -1f, float.NaN]));

    [Test]
    public void Erf_keeps_its_digits_from_the_tiniest_to_the_largest() =>
        AssertFunction(LaneMath.Erf, SpecialFunctions.Erf, Samples.Sweep(1e-30f, 100f, step: 2_003), Tolerances.Erf);

    [Test]
    public void Erf_of_special_values_is_that_of_their_sign() => Assert.That(
        Map(LaneMath.Erf, [0f, -0f, 6f, -6f, float.MaxValue, Infinity, -Infinity, float.NaN]),
        Is.EqualTo([0f, 0f, 1f, -1f, 1f, 1f, -1f, float.NaN]).Within(5e-7f));

    [Test]
    public void Exp_keeps_its_digits_over_its_whole_range() =>
        AssertFunction(LaneMath.Exp, Math.Exp, Samples.Sweep(1e-30f, 104f, step: 2_003), Tolerances.ExpAndLog);

    // Between 87.3 and 104 the results are the largest numbers on one side, then infinity, and subnormal numbers on the other.
    [Test]
    public void Exp_keeps_its_digits_at_both_ends_of_its_range() =>
        AssertFunction(LaneMath.Exp, Math.Exp, Samples.Sweep(87f, 105f, step: 23), Tolerances.ExpAndLog);

    [Test]
    public void Exp_keeps_its_digits_over_the_logits_of_a_softmax() =>
        AssertFunction(LaneMath.Exp, Math.Exp, Array.FindAll(Samples.Sweep(1e-2f, 87f, step: 211), x => x < 0), Tolerances.ExpAndLog);

    [Test]
    public void Exp_of_special_values_is_exact() => Assert.That(
        Map(LaneMath.Exp, [0f, -0f, Infinity, -Infinity, float.NaN, 89f, float.MaxValue, -105f, float.MinValue, float.Epsilon]),
        Is.EqualTo([1f, 1f, Infinity, 0f, float.NaN, Infinity, Infinity, 0f, 0f, 1f]));

    [Test]
    public void Log_keeps_its_digits()
    {
        float[] everywhere = Samples.Sweep((float)Tolerances.SmallestNormal, float.MaxValue, step: 19_997);
        float[] aroundOne = Samples.Sweep(0.999f, 1.001f, step: 1);
        AssertFunction(LaneMath.Log, Math.Log, Array.FindAll([.. everywhere, .. aroundOne], x => x > 0), Tolerances.ExpAndLog);
    }

    [Test]
    public void Log_of_special_values_is_exact() => Assert.That(
        Map(LaneMath.Log, [1f, 0f, -0f, -1f, float.MinValue, Infinity, -Infinity, float.NaN]),
        Is.EqualTo([0f, -Infinity, -Infinity, float.NaN, float.NaN, Infinity, float.NaN, float.NaN]));

    [Test]
    public void Log_keeps_its_digits_for_subnormal_numbers() => AssertFunction(
        LaneMath.Log, Math.Log, Array.FindAll(Samples.Sweep(float.Epsilon, (float)Tolerances.SmallestNormal, step: 9_973), x => x > 0),
        Tolerances.ExpAndLog);

    // The first lane is what a vector operation computes by where its values do not fill a vector.
    [Test]
    public void The_digits_of_a_value_do_not_depend_on_its_lane()
    {
        float[] x = Samples.Normal(1_000, seed: 8, deviation: 3);
        foreach (Func<TLanes, TLanes> function in new Func<TLanes, TLanes>[] { LaneMath.Tanh, LaneMath.Erf, LaneMath.Exp, LaneMath.Log })
        {
            Tensors.AssertSameBits(Map(function, x), Array.ConvertAll(x, value => function(TLanes.Broadcast(value)).First));
        }
    }

    static void AssertFunction(Func<TLanes, TLanes> lanes, Func<double, double> function, float[] x, Tolerance promise) =>
        Tensors.AssertClose(Map(lanes, x), Vector<double>.Build.Dense(x.Length, i => function(x[i])), promise);
}
