using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
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

    [TestCase("small-logits", 1, 0.03)]
    [TestCase("scaled-hidden", 0.01, 0.01)]
    public void Smaller_weights_saturate_less(string recipe, double biasScale, double mostAtLeast)
    {
        ScaledHidden[] rows = [.. HiddenScale.Run(Context).Rows.Where(row => row.Recipe == recipe)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows.Select(row => row.Scale), Is.EqualTo(new[] { 1f, 0.5f, 0.2f, 0.1f, 0.304290309725f }).Within(1e-6));
            Assert.That(rows.Select(row => row.IsKaiming), Is.EqualTo(new[] { false, false, false, false, true }));
            Assert.That(rows.Select(row => row.BiasScale), Has.All.EqualTo(biasScale));
            Assert.That(rows.SkipLast(1).Select(row => row.Hidden.Saturation.Share), Is.Ordered.Descending);
            Assert.That(rows.SkipLast(1).Select(row => row.Hidden.Activation.StandardDeviation), Is.Ordered.Descending);
            Assert.That(rows[3].Hidden.Saturation.StrongShare, Is.LessThan(mostAtLeast));
        }
    }

    [Test]
    public void Pre_activations_are_as_broad_as_weights_and_bias_make_them()
    {
        IReadOnlyList<ScaledHidden> rows = HiddenScale.Run(Context, [1, 0.25]).Rows;
        double[] variances = [.. rows.Select(row => Math.Pow(row.Hidden.PreActivation.StandardDeviation, 2))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rows, Has.Count.EqualTo(6));
            // The same numbers were drawn; a bias of a hundredth adds next to nothing.
            Assert.That(variances[4], Is.EqualTo(variances[3] / 16).Within(1).Percent);
            // One of full size adds its own variance, whatever the weights.
            Assert.That(variances[0] - variances[3], Is.EqualTo(1).Within(1.0));
            Assert.That(variances[1] - variances[4], Is.EqualTo(1).Within(0.25));
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

    [Test]
    public void Inputs_and_factors_may_be_others()
    {
        var result = FanIn.Run(Context, inputs: 30, scales: [-0.5]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Inputs, Is.EqualTo(30));
            double[] expected = [Math.Sqrt(30) / 2, 1];
            Assert.That(result.Rows.Select(row => row.Expected), Is.EqualTo(expected).Within(1e-6));
            Assert.That(result.Rows.Select(row => row.Output.StandardDeviation), Is.EqualTo(expected).Within(5).Percent);
            Assert.That(result.Rows[0].Weight.Mean, Is.EqualTo(-0.5 * result.Rows[1].Weight.Mean * Math.Sqrt(30)).Within(1e-6));
        }
    }

    [TestCase("naive")]
    [TestCase("deep-batchnorm")]
    public void Any_recipe_with_tanh_may_be_looked_at(string recipe)
    {
        var result = SaturatedStart.Run(Context, Recipe.Named(recipe));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Recipe, Is.EqualTo(recipe));
            Assert.That(result.Hidden, Is.Not.EqualTo(SaturatedStart.Run(Context, Recipe.Named("scaled-hidden")).Hidden));
            Assert.That(() => SaturatedStart.Run(Context, Recipe.Named("deep-linear")), Throws.ArgumentException);
        }
    }

    static double Share(float[] values, double threshold) => (double)values.Count(value => Math.Abs(value) > threshold) / values.Length;
}
