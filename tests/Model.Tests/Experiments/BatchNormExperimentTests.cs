using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

/// <summary>Batch normalization: the bias before it, its statistics, and what stands in its place.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class BatchNormExperimentTests(string accelerator) : ExperimentTests(accelerator)
{
    [Test]
    public void A_bias_before_the_normalization_has_no_gradient()
    {
        BiasBeforeBatchNorm result = BiasBeforeBatchNorm.Run(Context);
        var gradients = result.Gradients.ToDictionary(gradient => gradient.Name);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(gradients.Keys, Is.EquivalentTo(new[] { "C", "W1", "b1", "bngain", "bnbias", "W2", "b2" }));
            Assert.That(gradients[BiasBeforeBatchNorm.BiasBefore].Values, Has.Count.EqualTo(200));
            Assert.That(gradients[BiasBeforeBatchNorm.BiasBefore].Largest, Is.LessThan(1e-7));
            gradients.Remove(BiasBeforeBatchNorm.BiasBefore);
            Assert.That(gradients.Values.Select(gradient => gradient.Mean), Has.All.GreaterThan(1e-4));
            Assert.That(gradients.Values.Select(gradient => gradient.Largest), Has.All.GreaterThan(1e-2));
        }
    }

    [Test]
    public void Running_statistics_come_close_to_the_calibrated_ones_with_time()
    {
        RunningStatistics result = RunningStatistics.Run(Context, steps: 2000);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Runs.Select(run => run.Steps), Is.EqualTo(new[] { 200, 2000 }));
            Assert.That(result.Runs.Select(run => run.Statistics.Mean.MeanDifference), Is.Ordered.Descending);
            Assert.That(result.Runs.Select(run => run.Statistics.Spread.MeanDifference), Is.Ordered.Descending);
            Assert.That(result.Runs[0].RunningLosses["dev"] - result.Runs[0].CalibratedLosses["dev"], Is.GreaterThan(0.01));
        }
    }

    [Test]
    public void Batch_normalization_alone_makes_a_difference_between_a_batch_and_an_example()
    {
        Normalizations result = Normalizations.Run(Context, steps: 300);
        double Difference(NormalizedRun run) => Math.Abs(run.Loss!.Value - run.LossInBatches!.Value);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Runs.Select(run => run.Batch).Distinct(), Is.EqualTo(Normalizations.Batches));
            Assert.That(result.Runs.Select(run => run.Normalization).Distinct(), Is.EqualTo(["batch", "layer", "group:4", "none"]));
            Assert.That(result.Runs.Where(run => run.Normalization != "batch").Select(Difference), Has.All.LessThan(1e-5));
            double[] ofBatches = [.. result.Runs.Where(run => run.Normalization == "batch").Select(Difference)];
            Assert.That(ofBatches, Has.All.GreaterThan(1e-4));
            Assert.That(ofBatches[^1], Is.EqualTo(ofBatches.Min()));
        }
    }

    [Test]
    public void Both_kinds_of_statistics_are_those_of_the_network()
    {
        const int Steps = 50;
        Recipe recipe = Recipe.Named("batchnorm");
        StatisticsRun run = RunningStatistics.Run(Context, Steps).Runs[^1];
        using ExperimentRun trial = Context.Draw(recipe);
        trial.Train(Steps);
        StatisticsComparison comparison =
            Calibration.Compare(Kernels, trial.Network, Context.StrategyFor(recipe), TestData.Embedded.Train).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Statistics.Mean.Running, Is.EqualTo(comparison.Mean.Running));
            Assert.That(run.Statistics.Mean.Calibrated, Is.EqualTo(comparison.Mean.Calibrated));
            Assert.That(run.Statistics.Spread.Calibrated, Is.EqualTo(comparison.Spread.Calibrated));
            Assert.That(run.RunningLosses, Is.EqualTo(Losses(trial, recipe)));
            Calibration.Calibrate(Kernels, trial.Network, Context.StrategyFor(recipe), TestData.Embedded.Train);
            Assert.That(run.CalibratedLosses, Is.EqualTo(Losses(trial, recipe)));
        }
    }

    [Test]
    public void A_single_step_is_one_training() =>
        Assert.That(RunningStatistics.Run(Context, steps: 1).Runs.Select(run => run.Steps), Is.EqualTo(new[] { 1 }));

    IReadOnlyDictionary<string, double> Losses(ExperimentRun trial, Recipe recipe)
    {
        using var evaluator = new Evaluator(Kernels, trial.Network, Context.StrategyFor(recipe));
        return evaluator.Losses(TestData.Embedded);
    }
}
