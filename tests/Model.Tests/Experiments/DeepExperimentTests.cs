using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

/// <summary>How a signal, its gradient and its updates come through many layers.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class DeepExperimentTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void A_gain_shows_in_the_last_layer()
    {
        Gain result = Gain.Run(Context, steps: 20);
        double[] Last(string recipe) =>
            [.. result.Networks.Where(network => network.Recipe == recipe).Select(network => network.Layers[^1].Output.StandardDeviation)];
        double[] First(string recipe) =>
            [.. result.Networks.Where(network => network.Recipe == recipe).Select(network => network.Layers[0].Output.StandardDeviation)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Networks, Has.Count.EqualTo(12));
            Assert.That(result.Networks.Take(4).Select(network => network.Gain), Is.EqualTo(new[] { 0.5, 1, 5.0 / 3, 3 }));
            Assert.That(result.Networks.Select(network => network.Layers.Count), Has.All.EqualTo(5));

            double[] tanh = Last("deep-tanh");
            Assert.That(tanh, Is.Ordered.Ascending);
            Assert.That(tanh[0], Is.LessThan(0.1), "faded");
            Assert.That(tanh[1], Is.LessThan(First("deep-tanh")[1] / 1.5), "tanh shrinks what gain 1 lets through");
            Assert.That(tanh[2], Is.EqualTo(0.65).Within(0.05), "5/3 makes up for it");

            double[] linear = Last("deep-linear");
            Assert.That(linear[1], Is.EqualTo(First("deep-linear")[1]).Within(15).Percent, "without tanh gain 1 keeps the size");
            Assert.That(linear[2], Is.GreaterThan(5));
            Assert.That(linear[3], Is.GreaterThan(100));

            // Any scale of the weights is normalized away.
            Assert.That(Last("deep-batchnorm"), Has.All.EqualTo(Last("deep-batchnorm")[1]).Within(1).Percent);
        }
    }

    [Test]
    public void Gains_may_be_others()
    {
        var result = Gain.Run(Context, steps: 1, gains: [2, 0.1]);
        Assert.That(result.Networks.Select(network => network.Gain), Is.EqualTo(new[] { 2, 0.1, 2, 0.1, 2, 0.1 }));
    }

    [Test]
    public void Gains_show_in_gradients_and_saturation()
    {
        GainedNetwork[] tanh = [.. Gain.Run(Context, steps: 1).Networks.Where(network => network.Recipe == "deep-tanh")];
        double[] shares = [.. tanh.Select(network => network.Layers[^1].Saturation!.Share)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tanh.Select(network => network.Layers[0].Gradient.StandardDeviation), Is.Ordered.Ascending);
            Assert.That(shares, Is.Ordered.Ascending);
            Assert.That(shares[0], Is.Zero);
            Assert.That(shares[^1], Is.GreaterThan(0.3));
        }
    }

    [Test]
    public void A_gain_at_which_training_diverges_says_when()
    {
        GainedNetwork[] linear = [.. Gain.Run(Context, steps: 20).Networks.Where(network => network.Recipe == "deep-linear")];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(linear[1].Training.DivergedAt, Is.Null);
            Assert.That(linear[1].Training.FinalLoss, Is.LessThan(3.4));
            Assert.That(linear[^1].Training.DivergedAt, Is.InRange(1, 19));
            Assert.That(double.IsFinite(linear[^1].Training.FinalLoss), Is.False);
        }
    }

    [Test]
    public void Updates_grow_with_the_learning_rate()
    {
        LearningRate result = LearningRate.Run(Context, steps: 40);
        UpdateHistory fast = result.Rates.Single(rate => rate.Rate == 1).Updates;
        UpdateHistory usual = result.Rates.Single(rate => rate.Rate == 0.1).Updates;
        UpdateHistory slow = result.Rates.Single(rate => rate.Rate == 0.001).Updates;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(usual.Matrices, Has.Count.EqualTo(7));
            Assert.That(usual.Steps, Is.EqualTo(Enumerable.Range(0, 40)));
            Assert.That(usual.Ratios, Has.Count.EqualTo(7).And.All.Count.EqualTo(40));
            for (int matrix = 0; matrix < 7; matrix++)
            {
                // The first step sees the same network at each rate.
                Assert.That(usual.Ratios[matrix][0] - slow.Ratios[matrix][0], Is.EqualTo(2).Within(1e-5));
                Assert.That(fast.Ratios[matrix][0] - usual.Ratios[matrix][0], Is.EqualTo(1).Within(1e-5));
            }
            Assert.That(slow.FinalRatios.Take(6), Has.All.LessThan(-4));
            Assert.That(slow.Training.FinalLoss, Is.GreaterThan(usual.Training.FinalLoss));
        }
    }

    // Trained at once, and each as alone.
    [Test]
    public void The_rates_that_are_tried_are_the_trainings_of_each([Values("deep-tanh", "backprop")] string name)
    {
        const int Steps = 40;
        Recipe recipe = Recipe.Named(name) with { Hidden = [20] };
        LearningRate result = LearningRate.Run(Context, Steps, recipe);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                result.Found.Select(tried => tried.Rate),
                Is.EqualTo(
                [
                    0.001, 0.00178, 0.00316, 0.00562, 0.01, 0.0178, 0.0316, 0.0562, 0.1, 0.178, 0.316, 0.562, 1,
                ]));
            foreach (TriedRate tried in result.Found.Where((_, i) => i % 4 == 0))
            {
                var alone = ShortRun.Run(Context, recipe with { LearningRate = tried.Rate }, Steps);
                Assert.That(tried.Losses, Is.EqualTo(alone.Losses), $"{tried.Rate}");
                Assert.That(tried.DivergedAt, Is.EqualTo(alone.DivergedAt), $"{tried.Rate}");
            }
            foreach (RateHistory rate in result.Rates)
            {
                Assert.That(
                    result.Found.Single(tried => tried.Rate == rate.Rate).FinalLoss, Is.EqualTo(rate.Updates.Training.FinalLoss),
                    $"{rate.Rate}");
            }
            Assert.That(result.Best, Is.EqualTo(result.Found.MinBy(tried => tried.Losses!.Dev)!.Rate));
        }
    }

    [Test]
    public void Batch_sizes_are_compared_after_the_same_examples_and_after_the_same_steps()
    {
        const int Steps = 24;
        Recipe recipe = Recipe.Named("deep-batchnorm") with { Hidden = [12] };
        BatchSize result = BatchSize.Run(Context, Steps, recipe);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Examples, Is.EqualTo(Steps * 32));
            Assert.That(result.Runs.Select(run => run.Batch), Is.EqualTo(BatchSize.Batches));
            foreach (BatchRun run in result.Runs)
            {
                Recipe own = recipe with { Batch = run.Batch, Normalization = recipe.Normalization!.Calibrated() };
                Assert.That(run.StepsOfExamples, Is.EqualTo(Steps * 32 / run.Batch));
                Assert.That(run.Losses, Has.Count.EqualTo(Math.Max(Steps, run.StepsOfExamples)));
                Assert.That(run.AfterSteps, Is.EqualTo(ShortRun.Run(Context, own, Steps).Losses!.Dev), $"{run.Batch}");
                Assert.That(run.AfterExamples, Is.EqualTo(ShortRun.Run(Context, own, run.StepsOfExamples).Losses!.Dev), $"{run.Batch}");
            }
        }
    }

    [Test]
    public void A_batch_size_that_diverges_says_where()
    {
        BatchRun run = BatchSize.Run(Context, 24, Recipe.Named("backprop") with { Hidden = [12], LearningRate = 1e30 }).Runs[0];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.DivergedAt, Is.InRange(1, 23).And.EqualTo(run.Losses.Count - 1));
            Assert.That(run.AfterSteps, Is.Null);
            Assert.That(run.AfterExamples, Is.Null);
        }
    }

    [Test]
    public void Looks_are_distributed_over_a_long_training()
    {
        UpdateHistory history = UpdateHistory.Of(Context, Recipe.Named("batchnorm") with { Hidden = [8] }, steps: 250);
        Assert.That(history.Steps, Is.EqualTo(Enumerable.Range(0, 125).Select(look => 2 * look)));
    }

    [Test]
    public void Weights_that_are_k_times_as_large_change_k_squared_times_less()
    {
        UnscaledInit result = UnscaledInit.Run(Context, steps: 10);
        double[] differences =
            [.. result.Scaled.Updates.Ratios.Zip(result.Unscaled.Updates.Ratios, (scaled, unscaled) => scaled[0] - unscaled[0])];
        // The embedding table has no fan-in; the first layer has 30 inputs, and the others 100.
        double[] expected = [0, Math.Log10(30), 2, 2, 2, 2, 2];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(differences, Is.EqualTo(expected).Within(0.02));
            Assert.That(
                Deviations(result.Unscaled), Is.EqualTo(Deviations(result.Scaled)).Within(1).Percent, "the outputs do not show it");
        }

        static double[] Deviations(InitializedNetwork network) => [.. network.Layers.Select(layer => layer.Output.StandardDeviation)];
    }

    [Test]
    public void Without_normalization_unscaled_weights_saturate_every_layer()
    {
        var result = UnscaledInit.Run(Context, steps: 1, Recipe.Named("deep-tanh"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.IsNormalized, Is.False);
            Assert.That(result.Scaled.Layers.Select(layer => layer.Saturation!.Share), Has.All.LessThan(0.3));
            Assert.That(result.Unscaled.Layers.Select(layer => layer.Saturation!.Share), Has.All.GreaterThan(0.7));
            Assert.That(result.Unscaled.Updates.Training.FirstLoss, Is.GreaterThan(result.Scaled.Updates.Training.FirstLoss + 0.2));
        }
    }
}
