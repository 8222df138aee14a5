using Makemore.Gpu.Model.Evaluation;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

sealed class StatisticsComparisonTests
{
    [Test]
    public void Differences_count_without_their_signs()
    {
        var pair = new StatisticsPair([1f, 2f, 3f, -1f], [1f, 1.5f, 5f, 0.5f]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(pair.LargestDifference, Is.EqualTo(2));
            Assert.That(pair.MeanDifference, Is.EqualTo(1));
            Assert.That(pair.RunningAverage, Is.EqualTo(1.25));
            Assert.That(pair.CalibratedAverage, Is.EqualTo(2));
        }
    }
}
