using Makemore.Gpu.Model.Measuring;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Measuring;

sealed class StepForecastTests
{
    [TestCase(1, 2)]
    [TestCase(100, 2)]
    [TestCase(1_000, 4)]
    [TestCase(10_000, 8)]
    [TestCase(1_000_000, 64)]
    [TestCase(3_000_000, 192)]
    public void Between_measured_steps_the_time_is_a_power_of_the_work_and_beyond_them_in_proportion(double flops, double seconds)
    {
        var forecast = new StepForecast([(1_000_000, 64), (100, 2), (10_000, 8)]);
        Assert.That(forecast.Seconds(flops), Is.EqualTo(seconds).Within(1e-12 * seconds));
    }

    [TestCase(0, 1)]
    [TestCase(1, 0)]
    [TestCase(double.NaN, 1)]
    public void A_step_without_work_or_time_is_refused(double flops, double seconds) =>
        Assert.That(() => new StepForecast([(flops, seconds)]), Throws.ArgumentException);

    [Test]
    public void Nothing_measured_is_refused() => Assert.That(() => new StepForecast([]), Throws.ArgumentException);
}
