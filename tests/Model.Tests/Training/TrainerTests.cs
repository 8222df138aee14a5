using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

[TestFixtureSource(typeof(Forms), nameof(Forms.Training))]
sealed class TrainerTests(string accelerator, string strategyName, int threads, FusedForm form, int groups)
{
    // Summed in another order, a whole run stays this close to libtorch's; a wrong variance shows as 3e-2, an approximate tanh as 5e-4.
    const float LossDifference = 5e-6f;

    static readonly Recipe Small = Recipe.Named("batchnorm") with { Hidden = [20] };

    readonly Strategy strategy = new(strategyName, threads, form, groups);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [Test]
    public void The_losses_of_recipe_batchnorm_are_libtorchs()
    {
        Dataset data = TestData.Lecture;
        float[] golden = TestData.GoldenLosses;
        int dropAt = Configuration.Resolve(Recipe.Named("batchnorm"), data.Train.Count).DropAt;
        using TrainingRun run = new TrainingRun(Kernels, strategy, Recipe.Named("batchnorm"), data, golden.Length, dropAt).Train();
        float[] differences = [.. run.Losses.Zip(golden, (loss, expected) => Math.Abs(loss - expected))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(golden, Has.Length.EqualTo(2000));
            Assert.That(run.Losses, Has.Length.EqualTo(golden.Length));
            Assert.That(
                differences,
                Has.All.LessThanOrEqualTo(LossDifference),
                $"the largest is at step {Array.IndexOf(differences, differences.Max())}");
        }
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void The_same_seed_gives_the_same_bits(string recipe)
    {
        using TrainingRun one = new TrainingRun(Kernels, strategy, Recipe.Named(recipe), TestData.Embedded, steps: 300).Train();
        using TrainingRun other = new TrainingRun(Kernels, strategy, Recipe.Named(recipe), TestData.Embedded, steps: 300).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(other.Results, Is.EqualTo(one.Results));
            Assert.That(Networks.Values(other.Network), Is.EqualTo(Networks.Values(one.Network)));
        }
    }

    [TestCaseSource(nameof(Learning))]
    public void The_loss_falls(Recipe recipe)
    {
        using TrainingRun run = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 500).Train();
        float[] losses = run.Losses;
        Assert.That(losses[^100..].Average(), Is.LessThan(losses[..100].Average() - 0.1f));
    }

    [Test]
    public void Each_step_is_reported_once_with_its_learning_rate()
    {
        using TrainingRun run = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: 250, dropAt: 120).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.Results.Select(result => result.Step), Is.EqualTo(Enumerable.Range(0, 250)));
            Assert.That(
                run.Results.Select(result => result.LearningRate),
                Is.EqualTo(Enumerable.Range(0, 250).Select(step => step < 120 ? 0.1f : 0.01f)));
            Assert.That(run.Chunks[0], Has.Length.EqualTo(1));
            Assert.That(run.Chunks.Select(chunk => chunk[0].Step), Does.Contain(120), "a chunk ends where the learning rate drops");
            Assert.That(run.Trainer.StepsDone, Is.EqualTo(250));
        }
    }

    [Test]
    public void One_step_is_a_run()
    {
        using TrainingRun run = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: 1).Train();
        Assert.That((run.Losses.Length, run.Trainer.StepsDone, run.Trainer.StepsPerSecond), Is.EqualTo((1, 1, 0.0)));
    }

    [Test]
    public void Canceled_it_stops_at_a_chunk_and_the_network_is_as_after_the_steps_done()
    {
        using var cancellation = new CancellationTokenSource();
        using TrainingRun canceled = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: 1000, dropAt: 500)
            .Train(cancellation, cancelAfter: 150);
        int done = canceled.Trainer.StepsDone;
        using TrainingRun whole = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: done, dropAt: 500).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(done, Is.InRange(150, 999));
            Assert.That(canceled.Results, Is.EqualTo(whole.Results));
            Assert.That(Networks.Values(canceled.Network), Is.EqualTo(Networks.Values(whole.Network)));
        }
    }

    [Test]
    public void Canceled_before_it_begins_it_does_nothing()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        using var run = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: 10);
        Dictionary<string, float[]> before = Networks.Values(run.Network);
        run.Train(cancellation);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((run.Chunks.Count, run.Trainer.StepsDone), Is.EqualTo((0, 0)));
            Assert.That(Networks.Values(run.Network), Is.EqualTo(before));
        }
    }

    [Test]
    public void A_canceled_run_goes_on_where_it_stopped()
    {
        using var cancellation = new CancellationTokenSource();
        using var resumed = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: 300);
        resumed.Train(cancellation, cancelAfter: 101).Train();
        using TrainingRun whole = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps: 300).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(resumed.Results, Is.EqualTo(whole.Results));
            Assert.That(Networks.Values(resumed.Network), Is.EqualTo(Networks.Values(whole.Network)));
        }
    }

    [Test]
    public void A_loss_that_is_no_number_stops_training_and_names_the_step()
    {
        Recipe wild = Recipe.Named("backprop") with { Hidden = [20], LearningRate = 1e30 };
        using var run = new TrainingRun(Kernels, strategy, wild, TestData.Embedded, steps: 1000);
        DivergedException fault = Assert.Throws<DivergedException>(() => run.Train())!;
        Refusal.AssertOneLine(fault);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault.Step, Is.InRange(1, 100));
            Assert.That(fault.Message, Does.Contain($"at step {fault.Step}:").And.Contains("LearningRate"));
            Assert.That(run.Losses[..^1], Has.All.Matches<float>(float.IsFinite));
            Assert.That((run.Results.Last().Step, float.IsFinite(run.Losses[^1])), Is.EqualTo((fault.Step, false)));
        }
    }

    static IEnumerable<TestCaseData> Learning() => Networks.AsCases(
    [
        Recipe.Named("backprop"),
        Recipe.Named("batchnorm") with { Name = "two hidden layers", Hidden = [20, 10] },
        Recipe.Named("backprop") with { Name = "without normalization", Hidden = [20, 10], Normalization = null },
    ]);
}
