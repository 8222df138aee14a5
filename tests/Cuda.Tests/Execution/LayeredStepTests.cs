using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Execution;

/// <summary>Layered training on the driver: a step is captured once, and each further one is a single launch of its graph.</summary>
sealed class LayeredStepTests : CudaTests
{
    const int Chunk = 100;

    static readonly Dataset Names = Dataset.Create(NamesFile.Embedded(), context: 3);

    // Every kind of layer, and weight decay.
    static readonly Recipe[] Recipes =
    [
        Recipe.Named("batchnorm"),
        Recipe.Named("backprop") with { Hidden = [20, 10], L2 = new Dictionary<string, double> { ["C"] = 0.1, ["layers.0.weight"] = 0.2 } },
        Recipe.Named("deep-batchnorm"),
        Recipe.Named("batchnorm") with
        {
            Name = "layer normalization",
            Batch = 64,
            Normalization = Normalization.Default.OfExamples(NormalizationKind.Layer, groups: 1),
        },
    ];

    static readonly string[] OncePerCapture =
        ["cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags", "cuGraphDestroy", "cuGraphExecDestroy"];

    AcceleratorCatalog catalog = null!;
    KernelSet kernels = null!;

    [SetUp]
    public void Start()
    {
        catalog = KernelContext.OpenCatalog();
        kernels = new KernelSet(catalog.Start(catalog.Choose("cuda")));
    }

    [TearDown]
    public void Close()
    {
        kernels.Accelerator.Dispose();
        catalog.Dispose();
    }

    [TestCaseSource(nameof(Cases))]
    public void Between_two_replays_of_a_chunk_nothing_is_asked_of_the_driver(Recipe recipe)
    {
        using var run = new Steps(kernels, recipe, Chunk);
        run.Run(1, 0.1f);
        DriverCall[] plain = [.. DriverCalls.Launches(CallMode.Plain).Skip(1)];
        run.Run(2, 0.1f);
        StandInDriver.Forget();

        run.Run(Chunk, 0.01f);
        DriverCall[] asked = [.. StandInDriver.Calls.Where(call => call.Mode != CallMode.Replayed)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(asked.Select(call => call.Name), Is.EqualTo(["cuLaunchKernel", .. Enumerable.Repeat("cuGraphLaunch", Chunk)]));
            Assert.That(asked[0].Kernel, Does.Contain("BeginKernel"));
            Assert.That(
                DriverCalls.Launches(CallMode.Replayed).Select(DriverCalls.Essence),
                Is.EqualTo(Enumerable.Repeat(plain.Select(DriverCalls.Essence), Chunk).SelectMany(step => step)));
        }
    }

    [TestCase(1, 0)]
    [TestCase(2, 1)]
    [TestCase(Chunk, 1)]
    [TestCase(Chunk + 1, 1)]
    [TestCase((2 * Chunk) + 2, 1)]
    public void A_run_captures_one_step_and_replays_all_but_the_first(int steps, int captures)
    {
        Train(steps, dropAt: steps);
        AssertRecorded(steps, captures);
    }

    [Test]
    public void Neither_the_drop_of_the_learning_rate_nor_a_look_captures_anew()
    {
        Train(steps: 250, dropAt: 120, watchEvery: 30);
        AssertRecorded(steps: 250, captures: 1);
    }

    // What is launched on the default stream while a capture is open spoils it.
    [Test]
    public void All_work_of_a_run_is_ordered_on_one_stream()
    {
        Train(steps: 130, dropAt: 120, watchEvery: 30);
        string[] ordered = ["cuLaunch", "cuGraphLaunch", "cuMemcpy", "cuMemset"];
        IEnumerable<DriverCall> work = StandInDriver.Calls.Where(
            call => Array.Exists(ordered, name => call.Name.StartsWith(name, StringComparison.Ordinal)));
        Assert.That(work.Select(call => call.Stream).Distinct(), Is.EqualTo([((CudaStream)kernels.Stream).StreamPtr]));
    }

    [Test]
    public void Other_buffers_are_captured_once_themselves_and_the_old_capture_is_given_back()
    {
        using (var run = new Steps(kernels, Recipes[0], Chunk))
        {
            run.Run(5, 0.1f);
            using var other = new Buffers(kernels, Recipes[0].Batch, Chunk);
            run.Run(5, 0.1f, other);
            run.Run(5, 0.1f, other);
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DriverCalls.Count("cuStreamBeginCapture_v2"), Is.EqualTo(2));
            Assert.That(DriverCalls.Count("cuGraphLaunch"), Is.EqualTo(13));
            Assert.That(DriverCalls.Count("cuGraphDestroy"), Is.EqualTo(2));
            Assert.That(DriverCalls.Count("cuGraphExecDestroy"), Is.EqualTo(2));
        }
    }

    static IEnumerable<TestCaseData> Cases() => Recipes.Select(recipe => new TestCaseData(recipe).SetArgDisplayNames(recipe.Name));

    static void AssertRecorded(int steps, int captures)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (string function in OncePerCapture)
            {
                Assert.That(DriverCalls.Count(function), Is.EqualTo(captures), function);
            }
            Assert.That(DriverCalls.Count("cuGraphLaunch"), Is.EqualTo(steps - 1));
        }
    }

    void Train(int steps, int dropAt, int? watchEvery = null)
    {
        Recipe recipe = Recipes[0] with { Hidden = [20] };
        using var network = new Mlp(kernels, recipe, Names.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Of(1));
        using TrainingWatch? watch = watchEvery is { } every ? new TrainingWatch(kernels, network, Names.Train, every) : null;
        var configuration = Configuration.Resolve(recipe, Names.Train.Count, steps, dropAt);
        var trainer = new Trainer(kernels, network, configuration, generator, Strategy.Layered) { Watch = watch };
        trainer.Run(Names.Train, _ => { });
        Assert.That(trainer.StepsDone, Is.EqualTo(steps));
    }

    /// <summary>Indices of batches and memory for losses.</summary>
    sealed class Buffers(KernelSet kernels, int batch, int steps) : IDisposable
    {
        public MemoryBuffer1D<int, Stride1D.Dense> Indices { get; } = kernels.Accelerator.Allocate1D<int>((long)steps * batch);

        public MemoryBuffer1D<float, Stride1D.Dense> Losses { get; } = kernels.Accelerator.Allocate1D<float>(steps);

        public void Dispose()
        {
            Indices.Dispose();
            Losses.Dispose();
        }
    }

    /// <summary>A layered step with everything that it needs.</summary>
    sealed class Steps : IDisposable
    {
        readonly Mlp network;
        readonly DeviceSplit split;
        readonly LayeredStep step;
        readonly Buffers buffers;

        public Steps(KernelSet kernels, Recipe recipe, int maxSteps)
        {
            network = new Mlp(kernels, recipe, Names.Vocabulary.Count);
            network.Draw(Seeds.Of(1));
            split = new DeviceSplit(kernels, Names.Train);
            step = new LayeredStep(kernels, network, split, recipe.Batch);
            buffers = new Buffers(kernels, recipe.Batch, maxSteps);
        }

        public void Run(int steps, float learningRate, Buffers? other = null) =>
            step.Run((other ?? buffers).Indices.View, steps, learningRate, (other ?? buffers).Losses.View);

        public void Dispose()
        {
            buffers.Dispose();
            step.Dispose();
            split.Dispose();
            network.Dispose();
        }
    }
}
