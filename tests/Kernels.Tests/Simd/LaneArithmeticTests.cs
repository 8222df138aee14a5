using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests.Simd;

[TestFixture(typeof(Avx512Lanes))]
[TestFixture(typeof(Avx2Lanes))]
[TestFixture(typeof(PortableLanes))]
[TestFixture(typeof(Quad))]
sealed class LaneArithmeticTests<TLanes> : LaneTests<TLanes>
    where TLanes : unmanaged, ILanes<TLanes>
{
    // Every pair of them is tried.
    static readonly float[] Special =
        [0f, -0f, 1f, -1.5f, 1e-3f, 3e38f, -3e38f, float.Epsilon, -1e-40f, float.PositiveInfinity, float.NegativeInfinity, float.NaN];

    static readonly float[] A = [.. Special.SelectMany(_ => Special), .. Samples.Normal(100, seed: 1)];
    static readonly float[] B = [.. Special.SelectMany(a => Enumerable.Repeat(a, Special.Length)), .. Samples.Normal(100, seed: 2)];

    [Test]
    public void Lanes_are_nothing_but_their_values() => Assert.That(Unsafe.SizeOf<TLanes>(), Is.EqualTo(TLanes.Count * sizeof(float)));

    [Test]
    public void New_lanes_are_zero() => Tensors.AssertSameBits(ToValues(default(TLanes)), new float[TLanes.Count]);

    [Test]
    public void Broadcast_fills_every_lane() =>
        Assert.That(ToValues(TLanes.Broadcast(2.5f)), Is.EqualTo(Enumerable.Repeat(2.5f, TLanes.Count)));

    [Test]
    public void Ones_come_first()
    {
        for (int count = -40; count <= 40; count++)
        {
            IEnumerable<float> expected = Enumerable.Range(0, TLanes.Count).Select(lane => lane < count ? 1f : 0f);
            Assert.That(ToValues(TLanes.Ones(count)), Is.EqualTo(expected), $"{count} ones");
        }
    }

    [Test]
    public void Each_lane_is_computed_by_itself()
    {
        AssertSame(Map(x => x[0] + x[1], A, B), (a, b) => a + b);
        AssertSame(Map(x => x[0] - x[1], A, B), (a, b) => a - b);
        AssertSame(Map(x => x[0] * x[1], A, B), (a, b) => a * b);
        AssertSame(Map(x => x[0] / x[1], A, B), (a, b) => a / b);
        AssertSame(Map(TLanes.Sqrt, A), (a, _) => MathF.Sqrt(a));
    }

    [Test]
    public void Max_is_the_larger_one_and_the_second_where_one_is_NaN() =>
        AssertSame(Map(x => TLanes.Max(x[0], x[1]), A, B), (a, b) => a > b ? a : b);

    [Test]
    public void MultiplyAdd_rounds_once_in_a_register()
    {
        float[] c = [.. A.Reverse()];
        float[] expected = [.. A.Zip(B, c).Select(x => IsRegister
            ? MathF.FusedMultiplyAdd(x.First, x.Second, x.Third)
            : (x.First * x.Second) + x.Third)];
        Assert.That(Map(x => TLanes.MultiplyAdd(x[0], x[1], x[2]), A, B, c), Is.EqualTo(expected));
        Assert.That(A.Zip(B, c).Select(x => TLanes.MultiplyAdd(x.First, x.Second, x.Third)), Is.EqualTo(expected), "one value");
    }

    // Equal, or both NaN; which NaN it is does not matter.
    static void AssertSame(float[] actual, Func<float, float, float> function) => Assert.That(actual, Is.EqualTo(A.Zip(B, function)));
}
