using System.Globalization;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>The networks that --random draws.</summary>
sealed class RandomDrawTests
{
    static readonly string[] Vary = ["--vary", "learning-rate=log:0.001..1", "--vary", "gain=0.5..3", "--vary", "hidden=10|20|10,10"];

    [Test]
    public void The_same_seed_draws_the_same_networks()
    {
        string[] networks = Draw(20, Vary);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Draw(20, Vary), Is.EqualTo(networks));
            Assert.That(Draw(20, [.. Vary, "--seed", "2147483647"]), Is.EqualTo(networks));
            Assert.That(Draw(20, [.. Vary, "--seed", "1"]), Has.None.AnyOf(networks));
            Assert.That(Draw(20, [.. Vary, "--seed", "6442450943"]), Has.None.AnyOf(networks));
        }
    }

    [Test]
    public void A_draw_does_not_depend_on_how_many_there_are() => Assert.That(Draw(50, Vary)[..7], Is.EqualTo(Draw(7, Vary)));

    [Test]
    public void A_draw_does_not_depend_on_settings_that_come_after_it() =>
        Assert.That(
            Draw(9, [.. Vary, "--vary", "batch=8..64"]).Select(network => network[..network.LastIndexOf(' ')]), Is.EqualTo(Draw(9, Vary)));

    [Test]
    public void Each_drawn_network_has_all_seeds() =>
        Assert.That(
            Draw(3, [.. Vary, "--seeds", "2", "--seed", "5"]),
            Is.EqualTo(Draw(3, [.. Vary, "--seed", "5"]).SelectMany(network => new[] { $"{network} 5", $"{network} 6" })));

    // Of n draws a share p has a standard deviation of √(p(1-p)/n): 0.0079 with n = 4000 and p = 1/2, and 0.03 is near four of them.
    [TestCase("learning-rate=log:0.01..1", 0.1)]
    [TestCase("learning-rate=0.01..1", 0.505)]
    [TestCase("gain=-1..1", 0)]
    [TestCase("gain=0..3:4", 1.5)]
    [TestCase("gain=log:0.001..1:4", 0.03)]
    [TestCase("gain=1,2,7,8", 5)]
    [TestCase("batch=1..100", 50.5)]
    [TestCase("batch=log:10..1000", 100.5)]
    [TestCase("seed=0..18446744073709551615", 9.2e18)]
    [TestCase("seed=1..3,10..12", 5)]
    public void Half_of_the_draws_lie_on_each_side_of_the_middle(string vary, double middle)
    {
        double[] values = Numbers(vary, 4000);
        Assert.That(values.Count(value => value < middle) / 4000.0, Is.EqualTo(0.5).Within(0.03));
    }

    [TestCase("learning-rate=log:0.01..1", 0.01, 1)]
    [TestCase("gain=-1..1", -1, 1)]
    [TestCase("gain=log:1e-6..1e6", 1e-6, 1e6)]
    [TestCase("batch=3..5", 3, 5)]
    [TestCase("batch=log:3..5", 3, 5)]
    [TestCase("gain=0.1234567..0.1234568", 0.1234567, 0.1234568)]
    public void Draws_lie_within_their_range(string vary, double first, double last) =>
        Assert.That(Numbers(vary, 2000), Has.All.InRange(first, last));

    [TestCase("batch=3..5", 3)]
    [TestCase("batch=log:3..5", 3)]
    [TestCase("gain=0..3:4", 4)]
    [TestCase("activation=tanh,relu", 2)]
    public void Each_value_is_drawn_and_no_other(string vary, int count) =>
        Assert.That(Draw(500, "--vary", vary).Distinct().Count(), Is.EqualTo(count));

    [Test]
    public void A_drawn_number_has_about_six_digits() =>
        Assert.That(Draw(200, "--vary", "gain=log:0.01..1"), Has.All.Length.LessThanOrEqualTo("0.0123456".Length));

    static string[] Draw(int count, params string[] args) =>
        SweepCall.Networks([.. args, "--random", count.ToString(CultureInfo.InvariantCulture)]);

    static double[] Numbers(string vary, int count) =>
        [.. Draw(count, "--vary", vary).Select(value => double.Parse(value, CultureInfo.InvariantCulture))];
}
