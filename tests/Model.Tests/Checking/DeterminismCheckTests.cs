using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Checking;

[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class DeterminismCheckTests(string accelerator)
{
    [TestCase("backprop")]
    [TestCase("deep-batchnorm")]
    public void No_way_of_running_a_training_changes_a_bit(string name)
    {
        Recipe lecture = Recipe.Named(name);
        Recipe recipe = lecture with { Hidden = [.. lecture.Hidden.Select(_ => 20)] };
        var configuration = Configuration.Resolve(recipe, TestData.Embedded.Train.Count, steps: 30);
        var check = new DeterminismCheck(Accelerators.Kernels(accelerator), accelerator, configuration, TestData.Embedded);
        TrainedRun[] runs = [.. check.Run()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(runs, Has.Length.EqualTo(check.Count));
            Assert.That(runs.Select(run => run.Losses.Count), Is.All.EqualTo(30));
            Assert.That(runs.Select(run => run.Strategy).Distinct(), Is.EqualTo(new[] { "fused", "layered" }));
            Assert.That(RunComparison.Of(runs).Where(comparison => comparison.IsFault), Is.Empty);
        }
    }

    [Test]
    public void A_network_without_a_fused_form_is_run_layered()
    {
        Recipe recipe = (Recipe.Named("batchnorm") with { Hidden = [20] }).Normalized(NormalizationKind.Layer, 1);
        var configuration = Configuration.Resolve(recipe, TestData.Embedded.Train.Count, steps: 3);
        var check = new DeterminismCheck(Accelerators.Kernels(accelerator), accelerator, configuration, TestData.Embedded);
        Assert.That(check.Run().Select(run => run.Strategy), Is.All.EqualTo("layered").And.Exactly(check.Count).Items);
    }

    [Test]
    public void It_can_be_canceled()
    {
        var configuration = Configuration.Resolve(Recipe.Named("backprop"), TestData.Embedded.Train.Count, steps: 1000);
        var check = new DeterminismCheck(Accelerators.Kernels(accelerator), accelerator, configuration, TestData.Embedded);
        Assert.That(() => check.Run(new CancellationToken(canceled: true)).ToArray(), Throws.InstanceOf<OperationCanceledException>());
    }
}
