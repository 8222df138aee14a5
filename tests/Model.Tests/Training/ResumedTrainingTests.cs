using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Training;

/// <summary>Checkpoints and dev losses, in every form of a step.</summary>
[TestFixtureSource(typeof(Forms), nameof(Forms.Training))]
sealed class ResumedTrainingTests(string accelerator, string strategyName, int threads, FusedForm form, int groups)
{
    const int Steps = 230;

    static readonly DevPlan Plan = new(Every: 50, Examples: 300);

    readonly Strategy strategy = new(strategyName, threads, form, groups);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    static Dataset Data => TestData.Embedded;

    [TestCase("batchnorm", null, 100)]
    [TestCase("batchnorm", null, 0)]
    [TestCase("backprop", 7, 70)]
    [TestCase("deep-batchnorm", null, 230)]
    public void A_run_that_goes_on_from_a_checkpoint_gives_the_bits_of_one_that_never_stopped(string name, int? batchSeed, int from)
    {
        Recipe recipe = Recipe.Named(name);
        recipe = recipe with { Hidden = [.. recipe.Hidden.Select(_ => 20)] };
        Configuration configuration = Configuration.Resolve(recipe, Data.Train.Count, Steps, dropAt: 110) with
        {
            BatchSeed = (ulong?)batchSeed,
        };
        (ModelFile whole, List<StepResult> results, Kept kept) = Train(configuration, start: null);
        Assert.That(kept.All.Keys, Is.EqualTo(new[] { 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110 }.Concat(
            Enumerable.Range(12, 12).Select(i => 10 * i))));
        ModelFile checkpoint = from == 0 ? kept.Begun : kept.All[from];
        (ModelFile resumed, List<StepResult> rest, Kept keptThen) = Train(configuration, checkpoint);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(rest, Is.EqualTo(results[from..]));
            AssertSame(resumed, whole);
            AssertSame(keptThen.All[Steps], kept.All[Steps]);
            Assert.That(keptThen.All[Steps].Training, Is.EqualTo(kept.All[Steps].Training));
        }
    }

    [Test]
    public void Neither_dev_losses_nor_checkpoints_change_a_bit()
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [20] };
        Configuration configuration = Configuration.Resolve(recipe, Data.Train.Count, Steps, dropAt: 110);
        (ModelFile measured, List<StepResult> results, _) = Train(configuration, start: null);
        using TrainingRun plain = new TrainingRun(Kernels, strategy, recipe, Data, Steps, dropAt: 110).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(results.Select(result => result with { DevLoss = null }), Is.EqualTo(plain.Results));
            AssertSame(measured, ModelFile.Of(plain.Network, configuration, Data, Steps));
        }
    }

    [Test]
    public void The_dev_loss_of_a_step_is_that_of_the_network_before_it()
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [20] };
        Configuration configuration = Configuration.Resolve(recipe, Data.Train.Count, Steps, dropAt: 110);
        (_, List<StepResult> results, Kept kept) = Train(configuration, start: null);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                results.Where(result => result.DevLoss is not null).Select(result => result.Step),
                Is.EqualTo(new[] { 50, 100, 150, 200 }));
            foreach (int step in (int[])[50, 100, 150, 200])
            {
                using Mlp network = kept.All[step].Load(Kernels);
                using var evaluator = new Evaluator(Kernels, network, strategy);
                double expected = evaluator.Loss(
                    Data.Dev, Enumerable.Range(0, Plan.Examples).Select(i => (int)((long)i * Data.Dev.Count / Plan.Examples)));
                Assert.That(results[step].DevLoss, Is.EqualTo(expected));
            }
        }
        DevProgress last = kept.All[Steps].Training!.Dev!;
        Assert.That(last.Last.Step, Is.EqualTo(Steps), "the end is measured, too");
        Assert.That(last.Last.TrainingLoss, Is.EqualTo(results[200..].Average(result => (double)result.Loss)).Within(1e-12));
    }

    (ModelFile Model, List<StepResult> Results, Kept Kept) Train(Configuration configuration, ModelFile? start)
    {
        using var network = new Mlp(Kernels, configuration.Recipe, Data.Vocabulary.Count);
        TorchGenerator generator = network.Draw(configuration.Seeds);
        if (start is not null)
        {
            start.Restore(network);
            generator = TorchGenerator.Parse(start.Training!.Generator);
        }
        var kept = new Kept(state => ModelFile.Of(network, configuration, Data, state.StepsDone) with { Training = state })
        {
            Begun = ModelFile.Of(network, configuration, Data, 0) with { Training = new(0, generator.ToText(), 0, 0, 0, null) },
        };
        using var meter = new DevMeter(Kernels, network, strategy, Data.Dev, Plan);
        var results = new List<StepResult>();
        new Trainer(Kernels, network, configuration, generator, strategy)
        {
            Start = start?.Training,
            DevMeter = meter,
            Checkpoints = kept,
        }.Run(Data.Train, results.AddRange);
        return (ModelFile.Of(network, configuration, Data, configuration.Steps), results, kept);
    }

    static void AssertSame(ModelFile one, ModelFile other)
    {
        foreach ((string name, StoredTensor tensor) in other.Tensors)
        {
            Assert.That(one.Tensors[name].Bytes, Is.EqualTo(tensor.Bytes), name);
        }
    }

    /// <summary>Keeps all checkpoints by their steps.</summary>
    sealed class Kept(Func<TrainingState, ModelFile> copy) : ICheckpoints
    {
        public required ModelFile Begun { get; init; }

        public SortedDictionary<int, ModelFile> All { get; } = [];

        public int? Every => 10;

        public bool IsDue(int stepsDone) => stepsDone % 10 == 0;

        public void Keep(TrainingState state) => All[state.StepsDone] = copy(state);

        public void KeepBest(TrainingState state) => Assert.That(state.Dev!.Best.Step, Is.EqualTo(state.StepsDone));
    }
}
