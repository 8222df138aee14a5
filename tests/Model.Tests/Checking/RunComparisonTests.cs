using Makemore.Gpu.Model.Checking;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checking;

sealed class RunComparisonTests
{
    [Test]
    public void Runs_are_compared_with_the_first_of_their_kind_and_the_first_ones_with_each_other()
    {
        TrainedRun[] runs =
        [
            Of("cpu:0", "fused"), Of("cpu:0", "fused"), Of("cpu:0", "layered"), Of("cuda:0", "fused"), Of("cuda:0", "fused"),
        ];
        Assert.That(
            RunComparison.Of(runs).Select(pair => (Array.IndexOf(runs, pair.Run), Array.IndexOf(runs, pair.Other), pair.MustBeEqual)),
            Is.EqualTo(new[] { (1, 0, true), (4, 3, true), (2, 0, false), (3, 0, false), (3, 2, false) }));
    }

    [Test]
    public void The_same_bits_are_equal_even_where_they_are_no_number() =>
        Assert.That(Compare([1f, float.NaN], [1f, float.NaN]), Has.Property("AreEqual").True.And.Property("LossUlps").EqualTo(0));

    [TestCase(1f, 1.0000001f, 1)]
    [TestCase(1f, 1.0000005f, 4)]
    [TestCase(0f, -0f, 0)]
    public void A_bit_is_a_fault_where_none_may_differ(float value, float other, double ulps)
    {
        RunComparison comparison = Compare([1f, other], [1f, value]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(comparison.IsFault, Is.True);
            Assert.That(comparison.LossUlps, Is.EqualTo(ulps));
            Assert.That(comparison.TensorUlps, Is.EqualTo(ulps));
        }
    }

    [Test]
    public void A_difference_is_no_fault_on_another_accelerator() =>
        Assert.That(RunComparison.Of([Of("cpu:0", "fused", 1f), Of("cuda:0", "fused", 2f)]).Single(), Has.Property("IsFault").False);

    static RunComparison Compare(float[] values, float[] others) =>
        RunComparison.Of([Of("cpu:0", "fused", others), Of("cpu:0", "fused", values)]).Single();

    static TrainedRun Of(string accelerator, string strategy, params float[] values) => new(
        accelerator, "portable", strategy, TrainingWay.All[0], values,
        [new HostTensor("C", [1], [1f]), new HostTensor("W1", [values.Length], values)]);
}
