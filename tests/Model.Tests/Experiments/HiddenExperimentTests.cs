using Makemore.Gpu.Model.Experiments;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

/// <summary>The size of hidden units, and of linear layers' outputs.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class HiddenExperimentTests(string accelerator) : ExperimentTests(accelerator)
{
    const int Values = 32 * 200;

    [Test]
    public void Full_size_weights_saturate_most_of_the_hidden_units()
    {
        HiddenUnits hidden = SaturatedStart.Run(Context).Hidden;
        float[] outputs = [.. hidden.Saturation.Values.Cast<float>()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outputs, Has.Length.EqualTo(Values));
            Assert.That(hidden.PreActivation.StandardDeviation, Is.GreaterThan(4));
            Assert.That(hidden.Saturation.Share, Is.GreaterThan(0.5).And.EqualTo(Share(outputs, 0.97)).Within(1e-6));
            Assert.That(hidden.Saturation.StrongShare, Is.GreaterThan(0.5).And.EqualTo(Share(outputs, 0.99)).Within(1e-6));
            Assert.That(hidden.PreActivation.Histogram.Counts.Sum(), Is.EqualTo(Values));
            Assert.That(hidden.Activation.Histogram.Counts.Sum(), Is.EqualTo(Values));
            // Most values lie at the two ends.
            Assert.That(hidden.Activation.Histogram.Counts[0] + hidden.Activation.Histogram.Counts[^1], Is.GreaterThan(Values / 2));
        }
    }

    [Test]
    public void Smaller_weights_saturate_less()
    {
        IReadOnlyList<ScaledHidden> rows = HiddenScale.Run(Context).Rows;
        double atOne = rows[0].Hidden.PreActivation.StandardDeviation;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row.Scale), Is.EqualTo(new[] { 1f, 0.5f, 0.304290309725f, 0.2f, 0.1f }).Within(1e-6));
            Assert.That(rows.Select(row => row.IsKaiming), Is.EqualTo(new[] { false, false, true, false, false }));
            Assert.That(rows.Select(row => row.Hidden.Saturation.Share), Is.Ordered.Descending);
            Assert.That(rows.Select(row => row.Hidden.Activation.StandardDeviation), Is.Ordered.Descending);
            Assert.That(rows[^1].Hidden.Saturation.StrongShare, Is.LessThan(0.01));
            foreach (ScaledHidden row in rows)
            {
                // The same numbers were drawn; the bias is a hundredth.
                Assert.That(row.Hidden.PreActivation.StandardDeviation, Is.EqualTo(row.Scale * atOne).Within(0.5).Percent);
            }
        }
    }

    [Test]
    public void A_product_has_the_standard_deviation_of_its_fan_in()
    {
        FanIn result = FanIn.Run(Context);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Input.StandardDeviation, Is.EqualTo(1).Within(3).Percent);
            double[] expected = [Math.Sqrt(10), 5 * Math.Sqrt(10), 0.2 * Math.Sqrt(10), 1];
            Assert.That(result.Rows.Select(row => row.Expected), Is.EqualTo(expected).Within(1e-6));
            Assert.That(result.Rows.Select(row => row.Output.StandardDeviation), Is.EqualTo(expected).Within(5).Percent);
            Assert.That(
                result.Rows.Select(row => row.Weight.StandardDeviation),
                Is.EqualTo(expected.Select(value => value / Math.Sqrt(10))).Within(5).Percent);
            Assert.That(result.Rows.Single(row => row.IsByFanIn), Is.SameAs(result.Rows[^1]));
            Assert.That(result.Rows[0].Output.Histogram.Counts.Sum(), Is.EqualTo(1000 * 200));
        }
    }

    static double Share(float[] values, double threshold) => (double)values.Count(value => Math.Abs(value) > threshold) / values.Length;
}
