using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Model.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Sweeps;

/// <summary>Networks of a sweep are the runs that training each alone gives, bit for bit.</summary>
[TestFixtureSource(nameof(Processors))]
sealed class ParallelTrainerTests(string accelerator)
{
    const int Steps = 60;

    static readonly Recipe Small = Recipe.Named("deep-batchnorm") with { Hidden = [12], Embedding = 4 };

    // Several shapes, rates, lengths and drops; one that diverges, one whose statistics are calibrated, and one that has no fused form.
    static readonly Configuration[] Sweep =
    [
        Of(Small), Of(Small with { LearningRate = 0.7 }, seed: 2), Of(Small with { LearningRate = 1e30 }), Of(Small, dropAt: 20),
        Of(Small with { Hidden = [9] }), Of(Small, steps: 33), Of(Small, seed: 3),
        Of(Recipe.Named("backprop") with { Hidden = [11] }), Of(Small with { Activation = Activation.Gelu, Hidden = [5] }),
        Of(Small.Normalized(NormalizationKind.Layer)), Of(Small.Normalized(NormalizationKind.Layer) with { LearningRate = 1e30 }),
    ];

    static IEnumerable<string> Processors => Accelerators.Names.Where(name => !name.StartsWith("cuda", StringComparison.Ordinal));

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    static Dataset Data => TestData.Embedded;

    [Test]
    public void Each_is_the_run_that_training_it_alone_gives()
    {
        var trainer = new ParallelTrainer(Kernels, StrategyFor);
        List<NetworkRun> runs = Train(trainer);
        try
        {
            AssertAlone(trainer, runs);
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    [Test]
    public void So_is_one_that_goes_on_from_a_checkpoint_at_any_step()
    {
        using var folder = new TemporaryFolder();
        var trainer = new ParallelTrainer(Kernels, StrategyFor);
        List<NetworkRun> half = Train(trainer, until: 25);
        List<NetworkRun> runs = [.. half.Select((run, i) =>
        {
            if (run.HasDiverged)
            {
                return run;
            }
            string path = folder.File($"{i}.safetensors");
            run.Checkpoint(Data).Write(path);
            run.Dispose();
            return NetworkRun.Resume(Kernels, ModelFile.Read(path));
        })];
        try
        {
            foreach (IReadOnlyList<NetworkRun> wave in trainer.Waves(runs.Where(run => !run.HasDiverged), SettingsOf))
            {
                trainer.Train(wave, Data);
            }
            AssertAlone(trainer, runs);
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    [Test]
    public void Networks_on_their_way_are_kept_and_nothing_changes_by_it()
    {
        int kept = 0;
        var trainer = new ParallelTrainer(Kernels, StrategyFor)
        {
            KeepEvery = TimeSpan.Zero,
            Keep = runs => kept += runs.Count(run => run.Checkpoint(Data).Training!.StepsDone == run.StepsDone),
        };
        List<NetworkRun> runs = Train(trainer);
        try
        {
            AssertAlone(trainer, runs);
            Assert.That(kept, Is.GreaterThan(runs.Count));
        }
        finally
        {
            runs.ForEach(run => run.Dispose());
        }
    }

    [Test]
    public void Progress_counts_the_steps_of_all()
    {
        int steps = 0;
        var trainer = new ParallelTrainer(Kernels, StrategyFor) { Progress = new Counting(more => steps += more) };
        NetworkRun[] runs = [.. new ulong[] { 1, 2, 3 }.Select(seed => Draw(Of(Small, seed: seed)))];
        foreach (IReadOnlyList<NetworkRun> wave in trainer.Waves(runs, SettingsOf))
        {
            trainer.Train(wave, Data);
        }
        Array.ForEach(runs, run => run.Dispose());
        Assert.That(steps, Is.EqualTo(runs.Length * Steps));
    }

    [Test]
    public void A_canceled_training_ends_between_two_launches()
    {
        using var source = new CancellationTokenSource();
        var trainer = new ParallelTrainer(Kernels, StrategyFor) { Progress = new Counting(_ => source.Cancel()) };
        using NetworkRun run = Draw(Of(Small));
        trainer.Train([run], Data, cancellation: source.Token);
        Assert.That(run.StepsDone, Is.InRange(1, Steps - 1));
        trainer.Train([run], Data);
        Assert.That(run.StepsDone, Is.EqualTo(Steps));
        AssertAlone(trainer, [run]);
    }

    // All examples of a batch have one context, which no BatchNorm without an epsilon can normalize.
    [Test]
    public void A_batch_without_a_spread_counts_as_diverged()
    {
        Dataset same = Dataset.Create(TestData.Names([.. Enumerable.Range(0, 30).Select(i => i % 10 == 9 ? "ab" : "b")]), context: 3);
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [4], Batch = 2 };
        using NetworkRun run = NetworkRun.Draw(Kernels, new Configuration(recipe, 500, 500, Seed: 1), same.Vocabulary.Count);
        new ParallelTrainer(Kernels, StrategyFor).Train([run], same);
        using var network = new Mlp(Kernels, recipe, same.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Of(1));
        var trainer = new Trainer(Kernels, network, run.Configuration, generator, Strategy.Fused);
        FlatBatchException? fault = Assert.Throws<FlatBatchException>(() => trainer.Run(same.Train, _ => { }));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.HasDiverged);
            Assert.That(run.StepsDone, Is.EqualTo(fault!.Step));
        }
    }

    [Test]
    public void Waves_hold_each_network_once_and_one_shape_each()
    {
        var trainer = new ParallelTrainer(Kernels, StrategyFor, threads: 2);
        IReadOnlyList<Configuration>[] waves = [.. trainer.Waves(Sweep, configuration => (configuration, Data.Vocabulary.Count))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(waves.SelectMany(wave => wave), Is.EquivalentTo(Sweep));
            Assert.That(
                trainer.Waves(Enumerable.Repeat(Sweep[0], 17), settings => (settings, Data.Vocabulary.Count)).Select(wave => wave.Count),
                Is.EqualTo([6, 6, 5]), "four for each thread, and the last wave about as large as the others");
            Assert.That(
                trainer.Waves(Enumerable.Repeat(Sweep[0], 10), settings => (settings, Data.Vocabulary.Count), accelerators: 3)
                    .Select(wave => wave.Count),
                Is.EqualTo([4, 4, 2]), "a wave for each accelerator");
            Assert.That(waves.Select(wave => wave.DistinctBy(settings => settings.Recipe.Hidden[0]).Count()), Has.All.EqualTo(1));
            Assert.That(waves[0], Has.Count.EqualTo(6), "what has the shape of the first");
        }
    }

    static Configuration Of(Recipe recipe, int steps = Steps, int? dropAt = null, ulong seed = 1) => new(recipe, steps, dropAt ?? 50, seed);

    Strategy StrategyFor(Recipe recipe, int vocabulary) => Strategy.HasFusedForm(Kernels.Accelerator.Device, recipe, vocabulary)
        ? Strategy.Fused
        : Strategy.Layered;

    NetworkRun Draw(Configuration configuration) => NetworkRun.Draw(Kernels, configuration, Data.Vocabulary.Count);

    static (Configuration Configuration, int Vocabulary) SettingsOf(NetworkRun run) => (run.Configuration, Data.Vocabulary.Count);

    List<NetworkRun> Train(ParallelTrainer trainer, int? until = null)
    {
        List<NetworkRun> runs = [.. Sweep.Select(Draw)];
        foreach (IReadOnlyList<NetworkRun> wave in trainer.Waves(runs, SettingsOf))
        {
            trainer.Train(wave, Data, until);
        }
        return runs;
    }

    void AssertAlone(ParallelTrainer parallel, IEnumerable<NetworkRun> runs)
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (NetworkRun run in runs)
            {
                Configuration configuration = run.Configuration;
                string name = configuration.ToJson();
                using var network = new Mlp(Kernels, configuration.Recipe, Data.Vocabulary.Count);
                Strategy strategy = StrategyFor(configuration.Recipe, Data.Vocabulary.Count);
                var losses = new List<float>();
                var trainer = new Trainer(Kernels, network, configuration, network.Draw(configuration.Seeds), strategy);
                int? diverged = null;
                try
                {
                    trainer.Run(Data.Train, results => losses.AddRange(results.Select(result => result.Loss)));
                }
                catch (DivergedException fault)
                {
                    diverged = fault.Step;
                    losses.RemoveAt(losses.Count - 1);
                }
                Assert.That(run.Curve.Points, Is.EqualTo(LossCurve.Of(configuration.Steps).After(losses.ToArray()).Points), name);
                Assert.That(run.StepsDone, Is.EqualTo(diverged ?? configuration.Steps), name);
                Assert.That(run.HasDiverged, Is.EqualTo(diverged is not null), name);
                if (diverged is null)
                {
                    Assert.That(Networks.Values(run.Network), Is.EqualTo(Networks.Values(network)), name);
                    Assert.That(parallel.Evaluate(run, Data, []), Is.EqualTo(Evaluate(network, strategy)), name);
                }
            }
        }
    }

    Dictionary<string, double> Evaluate(Mlp network, Strategy strategy)
    {
        if (network.Recipe.Normalization is { Evaluation: EvaluationStatistics.Calibrated })
        {
            Calibration.Calibrate(Kernels, network, strategy, Data.Train);
        }
        using var evaluator = new Evaluator(Kernels, network, strategy);
        return new(evaluator.Losses(Data));
    }

    sealed class Counting(Action<int> count) : IProgress<int>
    {
        public void Report(int value) => count(value);
    }
}
