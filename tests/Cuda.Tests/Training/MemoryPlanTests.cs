using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Training;

/// <summary>What is planned is what a training then asks of the driver, at its highest.</summary>
sealed class MemoryPlanTests : CudaTests
{
    static readonly Dataset Data = Dataset.Create(NamesFile.Embedded(), context: 3);

    static readonly Recipe[] Recipes =
    [
        Recipe.Named("naive"),
        Recipe.Named("deep-batchnorm"),
        Recipe.Named("backprop") with
        {
            Name = "slices and splits", Hidden = [35, 64], Batch = 3000, L2 = new Dictionary<string, double> { ["C"] = 0.1 },
        },
        Recipe.Named("batchnorm") with
        {
            Name = "layer normalization",
            Batch = 70,
            Normalization = Normalization.Default.OfExamples(NormalizationKind.Layer, groups: 1),
        },
    ];

    static IEnumerable<TestCaseData> Cases =>
        from recipe in Recipes
        from strategy in new[] { "layered", "fused" }
        where strategy == "layered" || recipe.Name != "layer normalization"
        select new TestCaseData(recipe, strategy).SetArgDisplayNames(recipe.Name, strategy);

    [TestCaseSource(nameof(Cases))]
    public void Memory_and_launches_are_those_of_the_plan(Recipe recipe, string name)
    {
        using AcceleratorCatalog catalog = KernelContext.OpenCatalog();
        var kernels = new KernelSet(catalog.Start(catalog.Choose("cuda")));
        var strategy = Strategy.Named(name, kernels.Accelerator.Device, recipe, Data.Vocabulary.Count);
        var devPlan = new DevPlan(Every: 1, Examples: 300);
        using (var network = new Mlp(kernels, recipe, Data.Vocabulary.Count))
        {
            long before = StandInDriver.UsedBytes;
            var plan = MemoryPlan.Of(kernels, network, strategy, Data, devPlan, isWatched: false);
            Assert.That(StandInDriver.UsedBytes, Is.EqualTo(before), "a plan allocates nothing");
            StandInDriver.Forget();

            TorchGenerator generator = network.Draw(Seeds.Lecture);
            using var dev = new DevMeter(kernels, network, strategy, Data.Dev, devPlan);
            var trainer = new Trainer(kernels, network, Configuration.Resolve(recipe, Data.Train.Count, 3, dropAt: 3), generator, strategy)
            {
                DevMeter = dev,
            };
            int begin = StandInDriver.CallCount;
            int end = 0;
            trainer.Run(Data.Train, _ => end = end == 0 ? StandInDriver.CallCount : end);
            using (Assert.EnterMultipleScope())
            {
                Assert.That(HighestBytes(), Is.EqualTo(plan.TrainingBytes));
                // One more tells a layered step its learning rate.
                Assert.That(
                    StandInDriver.Calls.Take(end).Skip(begin).Count(call => call.Name == "cuLaunchKernel"),
                    Is.EqualTo(plan.Step.Launches + (name == "layered" ? 1 : 0)));
            }
        }
        kernels.Accelerator.Dispose();
    }

    static long HighestBytes()
    {
        long used = 0;
        long most = 0;
        foreach (DriverCall call in StandInDriver.Calls)
        {
            used += call.Name switch
            {
                "cuMemAlloc_v2" => call.Bytes,
                "cuMemFree_v2" => -call.Bytes,
                _ => 0,
            };
            most = Math.Max(most, used);
        }
        return most;
    }
}
