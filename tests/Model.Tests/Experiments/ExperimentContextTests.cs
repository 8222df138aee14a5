using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Experiments;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Tests.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Experiments;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class ExperimentContextTests(string accelerator) : ExperimentTests(accelerator)
{
    static readonly Recipe Small = Recipe.Named("batchnorm") with { Hidden = [20] };

    [TestCase("fused")]
    [TestCase("layered")]
    public void A_training_is_the_one_that_a_trainer_gives(string strategy)
    {
        using ExperimentContext context = Create(strategy);
        using TrainingRun run =
            new TrainingRun(Kernels, context.StrategyFor(Small), Small, TestData.Embedded, steps: 30, dropAt: 30).Train();
        TrainingRecord record = context.Train(Small, 30);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(context.StrategyFor(Small).Name, Is.EqualTo(strategy));
            Assert.That(record.Losses, Is.EqualTo(run.Losses));
            Assert.That(record.FirstLoss, Is.EqualTo(run.Losses[0]));
            Assert.That(record.FinalLoss, Is.EqualTo(run.Losses[^3..].Average(loss => (double)loss)));
            Assert.That(record.DivergedAt, Is.Null);
        }
    }

    [Test]
    public void A_look_changes_no_training()
    {
        TrainingRecord alone = Context.Train(Small, 30);
        using ExperimentRun trial = Context.Draw(Small);
        using var watch = new TrainingWatch(Kernels, trial.Network, TestData.Embedded.Train, every: 7);
        Assert.That(trial.Train(30, watch).Losses, Is.EqualTo(alone.Losses));
    }

    [Test]
    public void A_training_that_diverges_says_at_which_step()
    {
        TrainingRecord record = Context.Train(Recipe.Named("deep-linear") with { LearningRate = 1e6 }, 50);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(record.DivergedAt, Is.EqualTo(record.Losses.Count - 1).And.InRange(1, 10));
            Assert.That(record.Losses.SkipLast(1), Has.All.Matches<float>(float.IsFinite));
            Assert.That(double.IsFinite(record.FinalLoss), Is.False);
        }
    }

    [TestCase(Seeds.LectureSeed, true)]
    [TestCase(5ul, false)]
    public void The_seed_says_which_network(ulong seed, bool isSame)
    {
        using ExperimentContext other = Create(seed: seed);
        Assert.That(other.Train(Small, 5).Losses.SequenceEqual(Context.Train(Small, 5).Losses), Is.EqualTo(isSame));
    }

    [Test]
    public void What_was_stopped_gives_nothing()
    {
        using var stopped = new CancellationTokenSource();
        using ExperimentContext context = Create(cancellation: stopped.Token);
        using ExperimentRun trial = context.Draw(Small);
        stopped.Cancel();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => trial.Train(1000), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => context.Draw(Small), Throws.InstanceOf<OperationCanceledException>());
            Assert.That(() => OverfitOneBatch.Run(context, 1000), Throws.InstanceOf<OperationCanceledException>());
        }
    }

    [TestCase(0)]
    [TestCase(-1)]
    public void No_steps_are_no_training(int steps) =>
        Assert.That(() => Context.Train(Small, steps), Throws.InstanceOf<ArgumentOutOfRangeException>());
}
