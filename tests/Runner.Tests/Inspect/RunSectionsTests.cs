using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Display;
using Makemore.Gpu.Runner.Inspect;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Inspect;

/// <summary>The pictures of a run.</summary>
sealed class RunSectionsTests
{
    [TestCase(new[] { 27.9, 2.5, 2.4, 2.3 }, true)]
    [TestCase(new[] { 3.3, 2.5, 2.4, 2.3 }, false)]
    [TestCase(new[] { 27.9, 2.5, 2.4, -0.1 }, false)]
    [TestCase(new[] { 27.9, 2.5, 2.4, double.NaN }, true)]
    [TestCase(new double[0], false)]
    public void A_first_loss_that_dwarfs_the_others_makes_the_axis_logarithmic(double[] losses, bool isLogarithmic)
    {
        Chart chart = RunCharts.Losses("loss", "Loss", [new Series("loss", [.. losses.Select((_, i) => (double)i)], losses)]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(chart.IsLogarithmic, Is.EqualTo(isLogarithmic));
            Assert.That(chart.YLabel.Contains("logarithmic", StringComparison.Ordinal), Is.EqualTo(isLogarithmic));
        }
    }

    [Test]
    public void Updates_name_the_rule_of_thumb_and_the_drop_of_the_rate()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Updates(dropAt: 5).Levels, Is.EqualTo([new Level(-3, "about -3 is good")]));
            Assert.That(Updates(dropAt: 5).Moments, Is.EqualTo([new Moment(5, "step 5: rate 0.1 to 0.01")]));
            Assert.That(Updates(dropAt: 10).Moments, Has.Count.EqualTo(1));
            Assert.That(Updates(dropAt: 11).Moments, Is.Empty);
        }

        static Chart Updates(int dropAt) => (Chart)RunSections.UpdateToData(
            [Look(0), Look(5), Look(10)], new Configuration(Recipe.Default, Steps: 10, dropAt, Seed: 1)).Pictures.Single();

        static WatchedStep Look(int step) =>
            new(step, 0.1f, new Dictionary<int, double>(), new Dictionary<string, double> { ["C"] = 1e-3 });
    }
}
