using Makemore.Gpu.Model.Diagnostics;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Diagnostics;

sealed class HistogramTests
{
    [Test]
    public void Edges_reach_from_the_first_bin_to_the_end_of_the_last() =>
        Assert.That(new Histogram(-1, 3, [5, 0, 0, 1]).Edges(), Is.EqualTo([-1.0, 0, 1, 2, 3]).Within(1e-15));

    [Test]
    public void Densities_are_parts_by_the_width_of_a_bin() =>
        Assert.That(new Histogram(0, 1, [1, 0, 4, 3]).Densities(), Is.EqualTo([0.5, 0, 2, 1.5]).Within(1e-15));

    [TestCase(-1e-20, 3e-20)]
    [TestCase(-0.5, 0.5)]
    [TestCase(1e4, 1e5)]
    public void Densities_integrate_to_one(double low, double high)
    {
        var histogram = new Histogram(low, high, [.. Enumerable.Range(0, 100).Select(bin => bin * bin % 37)]);
        Assert.That(histogram.Densities().Sum() * (high - low) / 100, Is.EqualTo(1).Within(1e-12));
    }

    [Test]
    public void Densities_of_nothing_are_zero() =>
        Assert.That(new Histogram(double.PositiveInfinity, double.NegativeInfinity, [0, 0]).Densities(), Is.EqualTo([0.0, 0.0]));
}
