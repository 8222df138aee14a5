using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using Makemore.Gpu.Runner.Live;
using Makemore.Gpu.Runner.Pages;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Live;

/// <summary>What is kept of a run while it trains.</summary>
sealed class RunHistoryTests
{
    [TestCase(10)]
    [TestCase(999)]
    [TestCase(123_457)]
    public void A_run_of_any_length_has_a_thousand_bins_at_most_and_loses_no_step(int steps)
    {
        var bins = new LossBins();
        bins.Add([.. Enumerable.Range(0, steps).Select(step => new StepResult(step, step % 7, 0.1f))]);
        LossBin[] kept = bins.ToArray();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kept, Has.Length.LessThanOrEqualTo(1000));
            Assert.That(kept.Sum(bin => bin.Count), Is.EqualTo(steps));
            Assert.That(kept.Sum(bin => bin.Sum), Is.EqualTo(Enumerable.Range(0, steps).Sum(step => step % 7)));
            Assert.That(kept.SkipLast(1).Select(bin => bin.Count).Distinct().Count(), Is.LessThanOrEqualTo(1));
        }
    }

    [Test]
    public void A_sparse_list_keeps_its_first_and_its_last_entry()
    {
        var list = new Sparse<int>(8);
        for (int i = 0; i <= 100; i++)
        {
            list.Add(i);
        }
        Assert.That(list.ToArray(), Is.EqualTo(new[] { 0, 16, 32, 48, 64, 80, 96, 100 }));
    }

    [Test]
    public void It_shows_losses_looks_and_the_drop_of_the_rate()
    {
        var history = new RunHistory();
        history.Begin(new Configuration(Recipe.Default, Steps: 100, DropAt: 50, Seed: 1));
        history.Add([.. Enumerable.Range(0, 60).Select(step => new StepResult(
            step, 3, step < 50 ? 0.1f : 0.01f, step % 20 == 0 ? 2.5 + step : null))], speed: 10);
        history.Add(Look(0), "|t| > 0.97");
        history.Add(Look(50), "|t| > 0.97");
        RunView view = history.View();
        Chart[] charts = [.. view.Charts];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(charts.Select(chart => chart.Name), Is.EqualTo(new[] { "loss", "update-to-data", "saturation", "rate" }));
            Assert.That(charts[0].Series.Select(series => series.Name), Is.EqualTo(new[] { "each step", "training", "dev" }));
            Assert.That(charts[0].Moments.Single().X, Is.EqualTo(50));
            Assert.That(charts[1].Series.Single().Y, Is.EqualTo(new double[] { -3, -3 }).Within(1e-9));
            Assert.That(charts[2].Series.Single().Y, Is.EqualTo(new double[] { 25, 25 }));
            Assert.That(charts[3].Series.Single().X, Is.EqualTo(new double[] { 0, 50, 50, 59 }));
            Assert.That(
                view.Facts.Select(fact => (fact.Name, fact.Value)), Does.Contain(("time left", "4 s")).And.Contain(("steps", "60")));
            Assert.That(view.Facts.Single(fact => fact.Name == "dev loss").Note, Is.EqualTo("lowest 2.5000"));
        }
    }

    [Test]
    public void A_loss_that_is_no_number_leaves_the_curve_as_it_was()
    {
        var history = new RunHistory();
        history.Begin(new Configuration(Recipe.Default, Steps: 100, DropAt: 50, Seed: 1));
        history.Add([new StepResult(0, 3, 0.1f), new StepResult(1, float.NaN, 0.1f)], speed: 0);
        history.End("the loss is not a number");
        history.End("the program has ended");
        RunView view = history.View();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(view.Charts[0].Series[0].Y, Is.EqualTo(new double[] { 3 }));
            Assert.That((view.Status, view.IsOver), Is.EqualTo(("the loss is not a number", true)));
        }
    }

    [Test]
    public void Before_anything_is_known_there_is_a_view() =>
        Assert.That(new RunHistory().View() is { Title: "", Status: "begins", Facts.Count: 0, Charts.Count: 0 }, Is.True);

    static WatchedStep Look(int step) =>
        new(step, 0.1f, new Dictionary<int, double> { [2] = 0.25 }, new Dictionary<string, double> { ["W1"] = 1e-3 });
}
