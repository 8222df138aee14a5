using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

sealed class ShortRunTests
{
    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void It_is_a_training_with_its_first_loss_and_the_losses_after_it(string name)
    {
        Recipe recipe = Recipe.Named(name) with { Hidden = [20] };
        using TrainingRun training = new TrainingRun(Accelerators.Cpu, Strategy.Fused, recipe, TestData.Embedded, steps: 50, dropAt: 50).Train();
        if (name == "backprop")
        {
            Calibration.Calibrate(Accelerators.Cpu, training.Network, TestData.Embedded.Train);
        }
        using var evaluator = new Evaluator(Accelerators.Cpu, training.Network, Strategy.Fused);
        Assert.That(Run(recipe, steps: 50), Is.EqualTo(new ShortRun(
            training.Network.ParameterCount, training.Losses[0],
            new ShortRunLosses(evaluator.Loss(TestData.Embedded.Train), evaluator.Loss(TestData.Embedded.Dev)), DivergedAt: null)));
    }

    [Test]
    public void One_that_diverges_says_where_and_has_no_losses()
    {
        ShortRun run = Run(Recipe.Named("backprop") with { Hidden = [20], LearningRate = 1e30 }, steps: 100);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.DivergedAt, Is.InRange(1, 99));
            Assert.That(run.FirstLoss, Is.InRange(3f, 5f));
            Assert.That(run.Losses, Is.Null);
        }
    }

    [Test]
    public void One_that_is_given_up_has_no_result()
    {
        using var cancellation = new CancellationTokenSource();
        cancellation.Cancel();
        Assert.That(() => Run(Recipe.Named("kaiming"), steps: 100, cancellation.Token), Throws.InstanceOf<OperationCanceledException>());
    }

    static ShortRun Run(Recipe recipe, int steps, CancellationToken cancellation = default)
    {
        var configuration = Configuration.Resolve(recipe, TestData.Embedded.Train.Count, steps, dropAt: steps);
        return ShortRun.Run(Accelerators.Cpu, configuration, TestData.Embedded, Strategy.Fused, cancellation);
    }
}
