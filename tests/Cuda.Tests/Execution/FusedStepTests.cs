using ILGPU.Runtime;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Execution;

/// <summary>The fused step on the driver: which form a recipe gets, and how many launches that takes.</summary>
sealed class FusedStepTests : WarmKernelTests
{
    const int Vocabulary = 27;

    static readonly Dataset Names = Dataset.Create(NamesFile.Embedded(), context: 3);

    Device Device => Kernels.Accelerator.Device;

    // Four features to a group; in deep networks, weights are updated meanwhile.
    [TestCase("batchnorm", 50)]
    [TestCase("backprop", 50)]
    [TestCase("deep-batchnorm", 50)]
    [TestCase("deep-tanh", 50)]
    public void The_lectures_recipes_are_fused(string recipe, int groups) => Assert.That(
        Strategy.Automatic(Device, Recipe.Named(recipe), Vocabulary),
        Is.EqualTo(new Strategy("fused", Threads: 1, FusedForm.WarpGroups, groups)));

    [TestCase(4096, 8192)]
    [TestCase(200, 65536)]
    public void What_is_more_work_than_waiting_is_layered(int hidden, int batch)
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [hidden], Batch = batch };
        Assert.That(Strategy.Automatic(Device, recipe, Vocabulary), Is.EqualTo(Strategy.Layered));
    }

    [Test]
    public void More_layers_than_shared_memory_holds_are_layered()
    {
        Recipe recipe = Recipe.Named("deep-tanh") with { Hidden = [.. Enumerable.Repeat(8, FusedMlp.MaxLayers)] };
        Assert.That(Strategy.Automatic(Device, recipe, Vocabulary), Is.EqualTo(Strategy.Layered));
        Assert.That(
            () => Strategy.Named("fused", Device, recipe, Vocabulary),
            Throws.TypeOf<InvalidRequestException>().With.Message.Contains("--strategy layered"));
    }

    [Test]
    public void All_groups_are_at_work_at_once()
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [100_000] };
        Strategy strategy = Strategy.Named("fused", Device, recipe, Vocabulary);
        Assert.That(strategy.Groups, Is.EqualTo(Device.NumMultiprocessors));
    }

    [TestCase("batchnorm", 50)]
    [TestCase("deep-batchnorm", 50)]
    public void A_chunk_is_one_launch(string name, int groups)
    {
        Train(Recipe.Named(name), Strategy.Automatic(Device, Recipe.Named(name), Vocabulary), steps: 1001);
        DriverCall[] launches = DriverCalls.Launches(CallMode.Plain);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(launches, Has.Length.InRange(2, 3), "after the first step, which compiles, there may be a short one");
            Assert.That(launches.Select(launch => launch.Kernel), Has.All.Contains("TrainingKernel"));
            Assert.That(
                launches.Select(launch => (launch.Groups, launch.GroupSize)), Has.All.EqualTo(((long)groups, (long)FusedMlp.GroupThreads)));
        }
    }

    [Test]
    public void Threads_are_refused() => Assert.That(
        () => Strategy.Named("fused", Device, Recipe.Named("batchnorm"), Vocabulary).With(64, Device),
        Throws.TypeOf<InvalidRequestException>().With.Message.Contains("--threads is for processors"));

    void Train(Recipe recipe, Strategy strategy, int steps)
    {
        using var network = new Mlp(Kernels, recipe, Names.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        new Trainer(Kernels, network, Configuration.Resolve(recipe, Names.Train.Count, steps, dropAt: steps), generator, strategy)
            .Run(Names.Train, _ => { });
    }
}
