using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Tests.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class ShortRunTests(string accelerator) : ExperimentTests(accelerator)
{
    const int Steps = 50;

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void It_is_a_training_with_its_first_loss_and_the_losses_after_it(string name)
    {
        Recipe recipe = Recipe.Named(name) with { Hidden = [20] };
        Strategy strategy = Context.StrategyFor(recipe);
        using TrainingRun training = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, Steps, dropAt: Steps).Train();
        if (name == "backprop")
        {
            Calibration.Calibrate(Kernels, training.Network, strategy, TestData.Embedded.Train);
        }
        using var evaluator = new Evaluator(Kernels, training.Network, strategy);
        Assert.That(ShortRun.Run(Context, recipe, Steps), Is.EqualTo(new ShortRun(
            strategy.Name, training.Network.ParameterCount, training.Losses[0],
            new ShortRunLosses(evaluator.Loss(TestData.Embedded.Train), evaluator.Loss(TestData.Embedded.Dev)), DivergedAt: null)));
    }

    [Test]
    public void One_that_diverges_says_where_and_has_no_losses()
    {
        var run = ShortRun.Run(Context, Recipe.Named("backprop") with { Hidden = [20], LearningRate = 1e30 }, Steps);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.DivergedAt, Is.InRange(1, Steps - 1));
            Assert.That(run.FirstLoss, Is.InRange(3f, 5f));
            Assert.That(run.Losses, Is.Null);
        }
    }

    [Test]
    public void From_several_seeds_each_is_as_alone()
    {
        Recipe[] recipes =
        [
            Recipe.Named("backprop") with { Hidden = [20] }, Recipe.Named("backprop") with { Hidden = [20], LearningRate = 1e30 },
        ];
        IReadOnlyList<SeededRuns> all = SeededRuns.Run(Context, recipes, Steps, seeds: 3);
        using (Assert.EnterMultipleScope())
        {
            foreach ((Recipe recipe, SeededRuns runs) in recipes.Zip(all))
            {
                Assert.That(
                    runs.Runs.Select(run => run.Seed), Is.EqualTo([Context.Seed, Context.Seed + 1, Context.Seed + 2]));
                foreach (SeededRun run in runs.Runs)
                {
                    using ExperimentContext other = Create(seed: run.Seed);
                    var alone = ShortRun.Run(other, recipe, Steps);
                    Assert.That(
                        (runs.Strategy, runs.Parameters, run.FirstLoss, run.Losses, run.DivergedAt),
                        Is.EqualTo((alone.Strategy, alone.Parameters, alone.FirstLoss, alone.Losses, alone.DivergedAt)));
                }
            }
            Assert.That(all.Select(runs => runs.Diverged), Is.EqualTo([0, 3]));
        }
    }

    [Test]
    public void One_that_is_given_up_has_no_result()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        using ExperimentContext closed = Create(cancellation: cancellation.Token);
        Assert.That(() => ShortRun.Run(closed, Recipe.Named("kaiming"), Steps), Throws.InstanceOf<OperationCanceledException>());
    }
}
