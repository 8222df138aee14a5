using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>How the dev loss of a run goes, and how often it is measured.</summary>
sealed class DevProgressTests
{
    [Test]
    public void The_first_of_the_lowest_losses_is_the_best()
    {
        DevProgress progress = Of((3, 3), (2, 2.5), (2.5, 2.2), (2, 2));
        Assert.That((progress.Best.Step, progress.Last.Step, progress.Stale), Is.EqualTo((1, 3, 2)));
    }

    [Test]
    public void What_is_no_number_is_never_the_best()
    {
        Assert.That(Of((3, 3), (double.NaN, 3)).Best.Step, Is.Zero);
        Assert.That(Of((double.NaN, 3), (3, 3)).Best.Step, Is.EqualTo(1));
    }

    [TestCase(4.45, 1.95, true)]
    [TestCase(4.45, 2.6, false, Description = "both losses rise: it diverges")]
    [TestCase(2.51, 1.95, false, Description = "no more than chance")]
    [TestCase(2.4, 1.95, false)]
    public void Overfitting_is_a_dev_loss_that_rises_while_the_training_loss_falls(double dev, double training, bool expected) =>
        Assert.That(Of((3.3, 3.3), (2.5, 2.5), (dev, training)).IsOverfitting, Is.EqualTo(expected));

    // The lectures' run: 20 measurements on the whole split take 2% of what is trained on.
    [TestCase(200_000, 32, 22_655, 10_000, 22_655)]
    [TestCase(200_000, 32, 600_000, 10_000, 28_800)]
    [TestCase(1_000, 32, 22_655, 89, 256)]
    [TestCase(1_000, 32, 37, 50, 37)]
    public void Measurements_are_cheap(int steps, int batch, int dev, int every, int examples)
    {
        Configuration configuration = Configuration.Resolve(Recipe.Default with { Batch = batch }, 1000, steps);
        DevPlan plan = DevPlan.Cheap(configuration, dev)!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(plan, Is.EqualTo(new DevPlan(every, examples)));
            Assert.That((double)examples * steps / every / (steps * batch), Is.LessThan(0.091));
        }
    }

    [TestCase(0)]
    [TestCase(10)]
    public void A_run_that_is_shorter_than_a_measurement_has_none(int steps) =>
        Assert.That(DevPlan.Cheap(Configuration.Resolve(Recipe.Default, 1000, steps), 22_655), Is.Null);

    static DevProgress Of(params (double Dev, double Training)[] points)
    {
        DevProgress? progress = null;
        for (int i = 0; i < points.Length; i++)
        {
            progress = DevProgress.After(progress, new DevPoint(i, points[i].Dev, points[i].Training));
        }
        return progress!;
    }
}
