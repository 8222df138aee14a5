using System.Runtime.CompilerServices;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>What is planned is what a training then allocates, buffer by buffer.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class MemoryPlanTests(string accelerator)
{
    // They are there only while a measurement is taken.
    static readonly string[] Brief = ["indices of an evaluation", "losses of an evaluation", "state of an evaluation", "counts of columns"];

    static readonly Dataset Data = TestData.Embedded;

    // Fewer than a batch of the layered evaluation, and more than one of the fused.
    static readonly DevPlan Dev = new(Every: 1, Examples: 300);

    static readonly Recipe[] Recipes =
    [
        Recipe.Named("batchnorm"),
        Recipe.Named("naive") with { Hidden = [7], Embedding = 3, Batch = 5 },
        Recipe.Named("deep-batchnorm") with { Hidden = [33, 20], L2 = Networks.L2(("C", 0.1), ("layers.0.weight", 0.2)) },
        Recipe.Named("batchnorm") with { Name = "large products", Hidden = [300, 270], Batch = 2050 },
        (Recipe.Named("batchnorm") with { Name = "group normalization", Batch = 70 }).Normalized(NormalizationKind.Group, groups: 4),
    ];

    // An accelerator of its own: others have taken workspaces already.
    AcceleratorCatalog catalog = null!;
    KernelSet kernels = null!;

    // What ILGPU allocates for the accelerator itself.
    long own;

    static IEnumerable<TestCaseData> Cases =>
        from recipe in Recipes
        from strategy in new[] { "fused", "layered" }
        from isWatched in new[] { false, true }
        select new TestCaseData(recipe, strategy, isWatched).SetArgDisplayNames(recipe.Name, strategy, isWatched ? "watched" : "unwatched");

    [SetUp]
    public void Start()
    {
        catalog = KernelContext.OpenCatalog();
        kernels = new KernelSet(catalog.Start(catalog.Choose(accelerator)));
        own = Allocated().Sum();
    }

    [TearDown]
    public void Close()
    {
        kernels.Accelerator.Dispose();
        catalog.Dispose();
    }

    [TestCaseSource(nameof(Cases))]
    public void A_training_allocates_what_was_planned_and_no_more(Recipe recipe, string strategyName, bool isWatched)
    {
        SkipSlow(recipe, isWatched);
        Strategy strategy = StrategyFor(recipe, strategyName);
        MemoryPlan plan = PlanFor(recipe, strategy, Dev, isWatched);
        Assert.That(Allocated().Sum(), Is.EqualTo(own), "a plan allocates nothing");
        long[] planned =
        [
            .. plan.Buffers.Where(use => !Brief.Contains(use.Buffer.Name) && use.Buffer.Name != "scratch of operations")
                .Select(use => use.Buffer.Bytes),
        ];
        long scratch = plan.Buffers.Where(use => use.Buffer.Name == "scratch of operations").Sum(use => use.Buffer.Bytes);

        long[] allocated = [];
        using (var run = new TrainingRun(kernels, strategy, recipe, Data, steps: 3, watchEvery: isWatched ? 1 : null))
        using (var dev = new DevMeter(kernels, run.Network, strategy, Data.Dev, Dev))
        {
            var trainer = new Trainer(kernels, run.Network, Configuration.Resolve(recipe, Data.Train.Count, 3), new(1), strategy)
            {
                Watch = run.Watch,
                DevMeter = dev,
            };
            trainer.Run(Data.Train, _ => allocated = Allocated());
        }
        using (Assert.EnterMultipleScope())
        {
            Assert.That(allocated.Sum(), Is.EqualTo(own + planned.Sum() + scratch));
            Assert.That(planned, Is.SubsetOf(allocated));
        }
    }

    [TestCaseSource(nameof(Cases))]
    public void The_losses_at_the_end_take_what_was_planned(Recipe recipe, string strategyName, bool isWatched)
    {
        SkipSlow(recipe, isWatched);
        Strategy strategy = StrategyFor(recipe, strategyName);
        MemoryPlan plan = PlanFor(recipe, strategy, dev: null, isWatched);
        using TrainingRun run = new TrainingRun(kernels, strategy, recipe, Data, steps: 3, watchEvery: isWatched ? 1 : null).Train();
        run.Watch?.Dispose();
        long most = 0;
        using var evaluator = new Evaluator(kernels, run.Network, strategy)
        {
            Progress = new Synchronous(_ => most = Math.Max(most, Allocated().Sum())),
        };
        evaluator.Losses(Data);
        Assert.That(most, Is.EqualTo(own + plan.EndBytes));
    }

    // Compilers of GPUs take seconds for the kernels of each training, and what is allocated hardly differs.
    void SkipSlow(Recipe recipe, bool isWatched)
    {
        bool isTried = !isWatched && recipe.Name is "batchnorm" or "large products";
        if (kernels.Accelerator.AcceleratorType != AcceleratorType.CPU && !isTried)
        {
            Assert.Ignore("it would compile every kernel anew for this case, which is tried on the CPU accelerator");
        }
    }

    // Live buffers of the accelerator, each with its bytes. Those with a type are views of others.
    long[] Allocated()
    {
        List<WeakReference<AcceleratorObject>> children = ChildObjects(kernels.Accelerator);
        lock (children)
        {
            return
            [
                .. children.Select(child => child.TryGetTarget(out AcceleratorObject? target) ? target : null)
                    .OfType<MemoryBuffer>().Where(buffer => !buffer.GetType().IsGenericType && !buffer.IsDisposed)
                    .Select(buffer => buffer.LengthInBytes),
            ];
        }
    }

    Strategy StrategyFor(Recipe recipe, string name) =>
        name == "fused" && !Strategy.HasFusedForm(kernels.Accelerator.Device, recipe, Data.Vocabulary.Count)
            ? Strategy.Layered
            : Strategy.Named(name, kernels.Accelerator.Device, recipe, Data.Vocabulary.Count);

    MemoryPlan PlanFor(Recipe recipe, Strategy strategy, DevPlan? dev, bool isWatched)
    {
        using var network = new Mlp(kernels, recipe, Data.Vocabulary.Count);
        return MemoryPlan.Of(kernels, network, strategy, Data, dev, isWatched);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "childObjects")]
    static extern ref List<WeakReference<AcceleratorObject>> ChildObjects(Accelerator accelerator);

    /// <summary>Progress that is told at once, on the thread that tells it.</summary>
    sealed class Synchronous(Action<int> report) : IProgress<int>
    {
        public void Report(int value) => report(value);
    }
}
