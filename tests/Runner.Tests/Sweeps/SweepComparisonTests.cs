using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

sealed class SweepComparisonTests
{
    [Test]
    public void Networks_that_differ_in_their_seeds_are_one_group_with_mean_and_deviation()
    {
        SettingsGroup group = SweepComparison.Of(
        [
            SomeResults.Trained(0, 2.0, "seed=1", "hidden=50"), SomeResults.Trained(1, 2.2, "seed=2", "hidden=50"),
            SomeResults.Trained(2, 2.7, "seed=3", "hidden=50"),
        ]).Groups.Single();
        LossSpread dev = group.LossOf("dev")!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(group.Name, Is.EqualTo("hidden 50"));
            Assert.That(dev.Count, Is.EqualTo(3));
            Assert.That(dev.Mean, Is.EqualTo(2.3).Within(1e-12));
            // sqrt((0.09 + 0.01 + 0.16) / 2)
            Assert.That(dev.Deviation, Is.EqualTo(Math.Sqrt(0.13)).Within(1e-12));
            Assert.That(group.LossOf("test")!.Mean, Is.EqualTo(2.31).Within(1e-12));
        }
    }

    [Test]
    public void The_trained_come_first_then_the_dropped_and_last_the_diverged()
    {
        SweepComparison comparison = SweepComparison.Of(
        [
            SomeResults.Diverged(0, 5, "hidden=1"),
            SomeResults.Dropped(1, 1.5, 100, "hidden=2"), SomeResults.Dropped(2, 1.9, 200, "hidden=3"),
            SomeResults.Trained(3, 2.5, "hidden=4"), SomeResults.Trained(4, 2.4, "hidden=5"),
            SomeResults.Trained(5, double.NaN, "hidden=6"), SomeResults.Dropped(6, 1.8, 200, "hidden=7"),
        ]);
        Assert.That(
            comparison.Groups.Select(group => group.Settings.Single().Value),
            Is.EqualTo(new[] { "5", "4", "7", "3", "2", "1", "6" }));
        Assert.That(comparison.Best!.Network.Number, Is.EqualTo(4));
    }

    [Test]
    public void What_diverged_does_not_count_for_the_mean()
    {
        SettingsGroup group = SweepComparison.Of(
        [
            SomeResults.Trained(0, 2.0, "seed=1"), SomeResults.Diverged(1, 9, "seed=2"), SomeResults.Dropped(2, 3, 10, "seed=3"),
            SomeResults.Trained(3, double.PositiveInfinity, "seed=4"),
        ]).Groups.Single();
        Assert.That(
            (group.Trained.Count, group.Diverged.Count, group.Dropped.Count, group.LossOf("dev")!.Mean), Is.EqualTo((1, 2, 1, 2.0)));
    }

    // The standard error of the difference of two groups of 2.0 ± 0.1 and m ± 0.1 is 0.1 for two seeds each.
    [TestCase(2.19, true)]
    [TestCase(2.21, false)]
    public void A_difference_of_two_standard_errors_is_more_than_seeds_make(double mean, bool isWithin)
    {
        double around = 0.1 / Math.Sqrt(2);
        SweepComparison comparison = SweepComparison.Of(
        [
            SomeResults.Trained(0, 2 - around, "hidden=1", "seed=1"), SomeResults.Trained(1, 2 + around, "hidden=1", "seed=2"),
            SomeResults.Trained(2, mean - around, "hidden=2", "seed=1"), SomeResults.Trained(3, mean + around, "hidden=2", "seed=2"),
        ]);
        Assert.That(comparison.Groups.Select(comparison.IsWithinSeedsOfBest), Is.EqualTo(new bool?[] { null, isWithin }));
    }

    [Test]
    public void Of_one_seed_nothing_can_be_said()
    {
        SweepComparison comparison = SweepComparison.Of(
        [
            SomeResults.Trained(0, 2.0, "hidden=1", "seed=1"), SomeResults.Trained(1, 2.1, "hidden=1", "seed=2"),
            SomeResults.Trained(2, 2.2, "hidden=2", "seed=1"), SomeResults.Diverged(3, 1, "hidden=3", "seed=1"),
        ]);
        Assert.That(comparison.Groups.Select(comparison.IsWithinSeedsOfBest), Is.All.Null);
    }

    [Test]
    public void Nothing_has_no_best() => Assert.That(SweepComparison.Of([]).Best, Is.Null);

    [Test]
    public void An_axis_is_logarithmic_where_values_span_much_or_are_spaced_by_a_factor(
        [Values("0.01 0.2 0.5", "16 32 64", "1 2 3", "0 50 100", "50 100", "100 100,100", "-1 1 2")] string values)
    {
        var axis = SettingAxis.Of("x", [.. values.Split(' ').Reverse().Select((value, i) => SomeResults.Trained(i, 2, $"x={value}"))]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(axis.IsLogarithmic, Is.EqualTo(values is "0.01 0.2 0.5" or "16 32 64"));
            Assert.That(axis.IsNumeric, Is.EqualTo(!values.Contains(',')));
            Assert.That(axis.Values, Is.EqualTo(axis.IsNumeric ? values.Split(' ') : values.Split(' ').Reverse()));
        }
    }
}
