using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checkpoints;

sealed class LossCurveTests
{
    [TestCase(1, 1, 1)]
    [TestCase(100, 1, 100)]
    [TestCase(101, 2, 51)]
    [TestCase(250, 3, 84)]
    [TestCase(int.MaxValue, 21_474_837, 1)]
    public void There_are_at_most_100_points(int steps, int every, int points)
    {
        LossCurve curve = LossCurve.Of(steps);
        float[] losses = [.. Enumerable.Range(0, Math.Min(steps, 250)).Select(i => (float)i)];
        LossPoint[] all = [.. curve.After(losses).Points];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(curve.Every, Is.EqualTo(every));
            Assert.That(all, Has.Length.EqualTo(points));
            Assert.That(all[^1].Step, Is.EqualTo(losses.Length));
            Assert.That(all[0].Loss, Is.EqualTo(losses.Take(every).Average()));
        }
    }

    [Test]
    public void Parts_change_nothing([Values(1, 2, 7, 29)] int part)
    {
        float[] losses = [.. Enumerable.Range(0, 333).Select(i => 1f / (i + 3))];
        LossCurve whole = LossCurve.Of(333).After(losses);
        LossCurve parts = LossCurve.Of(333);
        foreach (float[] some in losses.Chunk(part))
        {
            parts = parts.After(some);
        }
        Assert.That(parts.Points, Is.EqualTo(whole.Points));
    }

    [Test]
    public void A_state_keeps_it_to_the_bit()
    {
        LossCurve curve = LossCurve.Of(1000).After([0.1f, 0.7f, 1f / 3, 5e-8f, 3, 1, 4, 1, 5, 9, 2, 6, 5]);
        var state = new TrainingState(13, new TorchGenerator(1).ToText(), 0, 0, 0, null) { Curve = curve, Seconds = 0.1 };
        TrainingState read = TrainingState.FromJson(state.ToJson());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Curve!.After([2, 7]).Points, Is.EqualTo(curve.After([2, 7]).Points));
            Assert.That(read.Seconds, Is.EqualTo(state.Seconds));
            Assert.That((state with { Curve = null, Seconds = 0 }).ToJson(), Does.Not.Contain("curve").And.Not.Contain("seconds"));
        }
    }
}
