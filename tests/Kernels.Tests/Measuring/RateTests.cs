using Makemore.Gpu.Kernels.Measuring;

namespace Makemore.Gpu.Kernels.Tests.Measuring;

/// <summary>How often a second, by a clock of the test's own.</summary>
sealed class RateTests
{
    [TestCase(100, 1.0)]
    [TestCase(7, 3.0)]
    [TestCase(1e6, 0.001)]
    public void The_last_round_takes_as_long_as_asked_for(double perSecond, double seconds)
    {
        var counts = new List<int>();
        double rate = Rate.Of(seconds, first: 2, count =>
        {
            counts.Add(count);
            return perSecond;
        });
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rate, Is.EqualTo(perSecond));
            Assert.That(counts[0], Is.EqualTo(2));
            Assert.That(counts[^1], Is.GreaterThanOrEqualTo(perSecond * seconds));
            Assert.That(counts[^2], Is.LessThan(perSecond * seconds));
        }
    }

    // The first time compiles.
    [Test]
    public void The_first_time_does_not_count()
    {
        int calls = 0;
        Assert.That(Rate.Of(seconds: 0, first: 1, _ => ++calls), Is.EqualTo(2));
    }
}
