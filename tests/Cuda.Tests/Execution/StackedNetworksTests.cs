using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Execution;

/// <summary>Many networks on the driver: how many are trained by a launch, and by which groups.</summary>
sealed class StackedNetworksTests : WarmKernelTests
{
    static readonly Dataset Names = Dataset.Create(NamesFile.Embedded(), context: 3);

    ParallelTrainer Trainer => new(
        Kernels, (recipe, vocabulary) => Strategy.Automatic(Kernels.Accelerator.Device, recipe, vocabulary));

    [TestCase("batchnorm")]
    [TestCase("deep-batchnorm")]
    public void Each_network_has_a_group_and_many_steps_are_one_launch(string recipe)
    {
        NetworkRun[] runs = [.. Enumerable.Range(0, 7).Select(seed => Draw(Recipe.Named(recipe), seed))];
        Trainer.Train(runs, Names);
        Array.ForEach(runs, run => run.Dispose());
        DriverCall[] launches = DriverCalls.Launches(CallMode.Plain);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(launches, Has.Length.LessThan(10), "1001 steps: the first launches, which compile, are short");
            Assert.That(launches.Select(launch => launch.Kernel), Has.All.Contains("NetworksKernel"));
            Assert.That(
                launches.Select(launch => (launch.Groups, launch.GroupSize)), Has.All.EqualTo((7L, (long)FusedMlp.GroupThreads)));
        }
    }

    [Test]
    public void As_many_are_trained_at_once_as_multiprocessors_hold()
    {
        int most = Kernels.Accelerator.Device.NumMultiprocessors * FusedMlp.NetworksPerMultiprocessor;
        Configuration configuration = ConfigurationOf(Recipe.Named("batchnorm"), seed: 1);
        Assert.That(
            Trainer.Waves(Enumerable.Repeat(configuration, 2 * most), settings => (settings, Names.Vocabulary.Count))
                .Select(wave => wave.Count),
            Is.EqualTo([most, most]));
    }

    static Configuration ConfigurationOf(Recipe recipe, int seed) => new(recipe, Steps: 1001, DropAt: 1001, (ulong)seed);

    NetworkRun Draw(Recipe recipe, int seed) => NetworkRun.Draw(Kernels, ConfigurationOf(recipe, seed), Names.Vocabulary.Count);
}
