using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Training;

/// <summary>What the training loop asks of the driver.</summary>
sealed class TrainerTests : WarmKernelTests
{
    static readonly Dataset Data = Dataset.Create(NamesFile.Embedded(), context: 3);

    // Launches of a step. A kernel that is fused with another makes a number smaller: then it stays so.
    [TestCase("naive", 18)]
    [TestCase("batchnorm", 20)]
    [TestCase("backprop", 22)]
    [TestCase("deep-linear", 36)]
    [TestCase("deep-tanh", 46)]
    [TestCase("deep-batchnorm", 58)]
    public void A_layered_step_takes_so_many_launches(string recipe, int launches)
    {
        IReadOnlyList<DriverCall> chunk = LastChunk(Recipe.Named(recipe), Strategy.Layered, out int steps);
        // One more tells all steps of the chunk their learning rate.
        Assert.That(Launches(chunk), Is.EqualTo((launches * steps) + 1));
    }

    // The batches' indices go there, steps are launched, the losses come back; a copy from or to an array waits for itself.
    [Test]
    public void Between_two_looks_at_the_losses_steps_are_launched_and_nothing_else(
        [ValueSource(nameof(Names))] string recipe, [Values("layered", "fused")] string strategy)
    {
        IReadOnlyList<DriverCall> chunk = LastChunk(Recipe.Named(recipe), Named(Recipe.Named(recipe), strategy), out _);
        string[] ordered =
            [.. chunk.Where(call => call.Mode == CallMode.Plain && call.Name is not ("cuCtxSetCurrent" or "cuMemsetD8Async")).Select(Kind)];
        string[] runs = [.. ordered.Where((name, index) => index == 0 || ordered[index - 1] != name)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(runs, Is.EqualTo(["HostToDevice", "cuStreamSynchronize", "launch", "DeviceToHost", "cuStreamSynchronize"]));
            Assert.That(chunk.Where(call => call.Error != 0), Is.Empty);
        }
    }

    [Test]
    public void A_fused_chunk_is_one_launch() =>
        Assert.That(Launches(LastChunk(Recipe.Default, Named(Recipe.Default, "fused"), out _)), Is.EqualTo(1));

    [Test]
    public void Kernels_are_loaded_once_and_memory_is_given_back([Values("layered", "fused")] string strategy)
    {
        // The first time, kernels are loaded, and operations take the workspace that they keep.
        Train(Recipe.Default, Named(Recipe.Default, strategy), steps: 3, results => { });
        long before = StandInDriver.UsedBytes;
        StandInDriver.Forget();
        Train(Recipe.Default, Named(Recipe.Default, strategy), steps: 3, results => { });
        Assert.That(StandInDriver.UsedBytes, Is.EqualTo(before));
        Assert.That(StandInDriver.Calls.Where(call => call.Name == "cuModuleLoadDataEx"), Is.Empty);
    }

    static IEnumerable<string> Names => Recipe.All.Select(recipe => recipe.Name);

    Strategy Named(Recipe recipe, string strategy) => Strategy.Named(strategy, Accelerator.Device, recipe, Data.Vocabulary.Count);

    static string Kind(DriverCall call) => call.Name switch
    {
        "cuLaunchKernel" or "cuGraphLaunch" => "launch",
        "cuMemcpyAsync" => call.Direction.ToString(),
        _ => call.Name,
    };

    // The calls between the last two looks at the losses, by when every kernel was loaded and every graph captured.
    IReadOnlyList<DriverCall> LastChunk(Recipe recipe, Strategy strategy, out int steps)
    {
        var ends = new List<int>();
        int last = 0;
        int maxSteps = strategy == Strategy.Layered ? 100 : 1000;
        Train(recipe, strategy, 1 + (3 * maxSteps), results =>
        {
            ends.Add(StandInDriver.CallCount);
            last = results.Count;
        });
        steps = last;
        return [.. StandInDriver.Calls.Take(ends[^1]).Skip(ends[^2])];
    }

    void Train(Recipe recipe, Strategy strategy, int steps, Action<IReadOnlyList<StepResult>> listener)
    {
        using var network = new Mlp(Kernels, recipe, Data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        new Trainer(Kernels, network, Configuration.Resolve(recipe, Data.Train.Count, steps, dropAt: steps), generator, strategy)
            .Run(Data.Train, listener);
    }

    static int Launches(IEnumerable<DriverCall> calls) =>
        calls.Count(call => call.Name == "cuLaunchKernel" && call.Mode != CallMode.Captured);
}
