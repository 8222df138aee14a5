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
            Assert.That(result.Runs.Select(run => run.Statistics[0].Mean.MeanDifference), Is.Ordered.Descending);
            Assert.That(result.Runs.Select(run => run.Statistics[0].Spread.MeanDifference), Is.Ordered.Descending);
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
            Assert.That(run.Statistics.Single().Mean.Running, Is.EqualTo(comparison.Mean.Running));
            Assert.That(run.Statistics.Single().Mean.Calibrated, Is.EqualTo(comparison.Mean.Calibrated));
            Assert.That(run.Statistics.Single().Spread.Calibrated, Is.EqualTo(comparison.Spread.Calibrated));
            Assert.That(run.RunningLosses, Is.EqualTo(Losses(trial, recipe)));
            Calibration.Calibrate(Kernels, trial.Network, Context.StrategyFor(recipe), TestData.Embedded.Train);
            Assert.That(run.CalibratedLosses, Is.EqualTo(Losses(trial, recipe)));
            Assert.That(run.OwnLosses["train"], Is.EqualTo(run.CalibratedLosses["train"]));
            Calibration.Calibrate(Kernels, trial.Network, Context.StrategyFor(recipe), TestData.Embedded.Dev);
            Assert.That(run.OwnLosses["dev"], Is.EqualTo(Losses(trial, recipe)["dev"]).And.Not.EqualTo(run.CalibratedLosses["dev"]));
        }
    }

    [TestCase("backprop", 1)]
    [TestCase("deep-batchnorm", 6)]
    public void Every_normalization_of_a_recipe_is_compared(string recipe, int normalizations)
    {
        var result = RunningStatistics.Run(Context, steps: 2, Recipe.Named(recipe));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Recipe, Is.EqualTo(recipe));
            Assert.That(result.Runs.Select(run => run.Statistics.Count), Has.All.EqualTo(normalizations));
            Assert.That(() => RunningStatistics.Run(Context, steps: 2, Recipe.Named("kaiming")), Throws.ArgumentException);
        }
    }

    [Test]
    public void The_same_example_has_other_logits_in_every_batch()
    {
        BatchJitter result = BatchJitter.Run(Context, steps: 200);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.InBatches, Has.Count.EqualTo(100));
            Assert.That(result.InBatches.Select(logits => logits[0]).Distinct().Count(), Is.GreaterThan(50));
            Assert.That(result.Spreads.Select(spread => spread.StandardDeviation), Has.All.GreaterThan(0.001));
            for (int character = 0; character < result.Alone.Count; character++)
            {
                double[] logits = [.. result.InBatches.Select(batch => (double)batch[character])];
                Assert.That(result.Spreads[character].Mean, Is.EqualTo(logits.Average()).Within(1e-9));
                Assert.That(result.Alone[character], Is.InRange(logits.Min(), logits.Max()), "evaluation lies within the jitter");
            }
        }
    }

    [Test]
    public void Without_normalization_there_is_no_jitter()
    {
        var result = BatchJitter.Run(Context, steps: 10, Recipe.Named("kaiming"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.InBatches, Has.All.EqualTo(result.InBatches[0]));
            Assert.That(result.Alone, Is.EqualTo(result.InBatches[0]).Within(1e-5));
            Assert.That(result.Spreads.Select(spread => spread.StandardDeviation), Has.All.Zero);
        }
    }

    [Test]
    public void Gaps_are_those_of_short_runs_of_both_recipes()
    {
        IReadOnlyList<GeneralizationGap> runs = Regularization.Run(Context, steps: 100).Runs;
        ShortRunLosses kaiming = ShortRun.Run(Context, Recipe.Named("kaiming"), 100).Losses!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(runs.Select(run => run.Steps), Is.EqualTo(new[] { 1, 1, 10, 10, 100, 100 }));
            Assert.That(runs.Select(run => run.Recipe).Distinct(), Is.EqualTo(new[] { "kaiming", "batchnorm" }));
            Assert.That(runs[4].Losses, Is.EqualTo(kaiming));
            Assert.That(runs[4].Gap, Is.EqualTo(kaiming.Dev - kaiming.Train));
            // The running statistics would still be at their start.
            Assert.That(runs[5].Losses!.Train, Is.LessThan(ShortRun.Run(Context, Recipe.Named("batchnorm"), 100).Losses!.Train));
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
