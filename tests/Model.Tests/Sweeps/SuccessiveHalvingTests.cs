using Makemore.Gpu.Model.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Sweeps;

sealed class SuccessiveHalvingTests
{
    [TestCase(1, 1000, new int[0])]
    [TestCase(2, 1000, new[] { 500 })]
    [TestCase(3, 1000, new[] { 500 })]
    [TestCase(16, 1000, new[] { 62, 125, 250, 500 })]
    [TestCase(16, 3, new[] { 1 })]
    [TestCase(16, 1, new int[0])]
    [TestCase(1_000_000, int.MaxValue, null)]
    public void Rungs_double(int count, int steps, int[]? expected)
    {
        IReadOnlyList<int> rungs = SuccessiveHalving.Rungs(count, steps);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rungs, Is.EqualTo(expected ?? rungs));
            Assert.That(rungs, Is.All.InRange(1, steps - 1));
            Assert.That(rungs, Is.Ordered);
        }
    }

    [Test]
    public void One_is_left_and_the_whole_takes_what_is_told([Values(2, 4, 16, 64, 256)] int count)
    {
        const int steps = 1 << 20;
        int left = count;
        long trained = 0;
        int before = 0;
        foreach (int rung in SuccessiveHalving.Rungs(count, steps).Append(steps))
        {
            trained += (long)left * (rung - before);
            before = rung;
            left = SuccessiveHalving.BetterHalf([.. Enumerable.Range(0, left)], i => i).Count;
        }
        Assert.That(left, Is.EqualTo(1));
        Assert.That(trained, Is.EqualTo(steps * (2 + Math.Log2(count)) / 2));
        Assert.That(trained, Is.EqualTo(steps * SuccessiveHalving.Trainings(count)));
    }

    [Test]
    public void The_better_half_keeps_its_order_and_what_is_no_number_is_worst() => Assert.That(
        SuccessiveHalving.BetterHalf([5.0, double.NaN, 1, 2, double.PositiveInfinity, 1], loss => loss), Is.EqualTo([1.0, 2, 1]));

    [Test]
    public void Of_equal_ones_the_first_go_on() =>
        Assert.That(SuccessiveHalving.BetterHalf(["a", "b", "c", "d", "e"], _ => 1), Is.EqualTo(["a", "b", "c"]));
}
