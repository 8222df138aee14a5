using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Diagnostics;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Tests.Training;
using Makemore.Gpu.Model.Training;
using MathNet.Numerics.Statistics;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Diagnostics;

[TestFixtureSource(typeof(Forms), nameof(Forms.Training))]
sealed class TrainingWatchTests(string accelerator, string strategyName, int threads, FusedForm form, int groups)
{
    static readonly Recipe Small = Recipe.Named("deep-batchnorm") with { Hidden = [20, 10] };

    readonly Strategy strategy = new(strategyName, threads, form, groups);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    static Split Examples => TestData.Embedded.Train;

    [TestCase(1, 5, new[] { 0, 1, 2, 3, 4 })]
    [TestCase(50, 130, new[] { 0, 50, 100 })]
    [TestCase(120, 241, new[] { 0, 120, 240 })]
    [TestCase(1000, 10, new[] { 0 })]
    public void It_looks_every_so_many_steps_before_they_are_taken(int every, int steps, int[] expected)
    {
        using TrainingRun run = new TrainingRun(Kernels, strategy, Small, TestData.Embedded, steps, dropAt: 60, every).Train();
        IReadOnlyList<WatchedStep> seen = run.Watch!.Steps;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen.Select(step => step.Step), Is.EqualTo(expected));
            Assert.That(seen.Select(step => step.LearningRate), Is.EqualTo(expected.Select(step => step < 60 ? 0.1f : 0.01f)));
            Assert.That(run.Results.Select(result => result.Step), Is.EqualTo(Enumerable.Range(0, steps)));
        }
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    [TestCase("deep-batchnorm")]
    [TestCase("deep-linear")]
    public void A_watched_run_gives_the_same_bits(string recipe)
    {
        using TrainingRun watched =
            new TrainingRun(Kernels, strategy, Recipe.Named(recipe), TestData.Embedded, steps: 150, watchEvery: 7).Train();
        using TrainingRun alone = new TrainingRun(Kernels, strategy, Recipe.Named(recipe), TestData.Embedded, steps: 150).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(watched.Results, Is.EqualTo(alone.Results));
            Assert.That(Networks.Values(watched.Network), Is.EqualTo(Networks.Values(alone.Network)));
        }
    }

    [Test]
    public void It_sees_the_updates_and_the_saturation_of_the_very_step()
    {
        Recipe recipe = Recipe.Named("naive") with { Hidden = [20, 10] };
        using TrainingRun watched =
            new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 41, dropAt: 20, watchEvery: 40).Train();
        using TrainingRun before = new TrainingRun(Kernels, strategy, recipe, TestData.Embedded, steps: 40, dropAt: 20).Train();
        float[][] outputs = ComputeGradients(before.Network, IndicesOf(step: 40, recipe));
        WatchedStep seen = watched.Watch!.Steps[^1];

        string[] matrices = ["C", "layers.0.weight", "layers.2.weight", "layers.4.weight"];
        IEnumerable<double> updates = before.Network.Parameters.Tensors.Where(tensor => matrices.Contains(tensor.Name))
            .Select(tensor => 0.01f * Deviation(tensor.GradientToArray()) / Deviation(tensor.ToArray()));
        int[] layers = [1, 3];
        IEnumerable<double> saturated = layers.Select(layer => outputs[layer].Average(t => Math.Abs(t) > Saturation.Threshold ? 1.0 : 0.0));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(seen.UpdateToData.Keys, Is.EqualTo(matrices));
            Close.Assert("updates", [.. seen.UpdateToData.Values], [.. updates], new Tolerance(0, 1e-6));
            Assert.That(seen.Saturated.Keys, Is.EqualTo(layers));
            Assert.That(seen.Saturated.Values, Is.EqualTo(saturated).And.Some.GreaterThan(0));
        }
    }

    [Test]
    public void Who_waits_for_a_look_gets_it_at_once()
    {
        using Mlp network = Networks.Drawn(Kernels, Small);
        var seen = new List<(int Step, int Done)>();
        Trainer trainer = null!;
        using var watch =
            new TrainingWatch(Kernels, network, Examples, every: 30) { Seen = look => seen.Add((look.Step, trainer.StepsDone)) };
        var configuration = Configuration.Resolve(Small, Examples.Count, steps: 70);
        trainer = new Trainer(Kernels, network, configuration, new TorchGenerator(1), strategy) { Watch = watch };
        trainer.Run(Examples, _ => { });
        Assert.That(seen, Is.EqualTo([(0, 0), (30, 30), (60, 60)]));
    }

    [Test]
    public void Without_tanh_nothing_saturates()
    {
        Recipe linear = Recipe.Named("deep-linear") with { Hidden = [20, 10] };
        using TrainingRun run = new TrainingRun(Kernels, strategy, linear, TestData.Embedded, steps: 1, watchEvery: 1).Train();
        Assert.That(run.Watch!.Steps.Single().Saturated, Is.Empty);
    }

    [Test]
    public void It_must_look_at_least_now_and_then()
    {
        using Mlp network = Networks.Drawn(Kernels, Small);
        Assert.That(() => new TrainingWatch(Kernels, network, Examples, every: 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    // The generator that drew the network goes on to draw the batch of each step.
    int[] IndicesOf(int step, Recipe recipe)
    {
        using var network = new Mlp(Kernels, recipe, TestData.Embedded.Vocabulary.Count);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        var indices = new int[(step + 1) * recipe.Batch];
        generator.RandInt(0, Examples.Count, indices);
        return indices[^recipe.Batch..];
    }

    // The layered step itself: the outputs of all layers, and the gradients in the network.
    float[][] ComputeGradients(Mlp network, int[] batch)
    {
        using var split = new DeviceSplit(Kernels, Examples);
        using var step = new LayeredStep(Kernels, network, split, batch.Length);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = Kernels.Accelerator.Allocate1D(Kernels.Stream, batch);
        using MemoryBuffer1D<float, Stride1D.Dense> loss = Kernels.Accelerator.Allocate1D<float>(1);
        step.ComputeGradients(indices.View, Pass.Diagnosis, loss.View);
        return [.. step.Activations.Outputs.Select(output => output.ToArray())];
    }

    static double Deviation(float[] values) => values.Select(value => (double)value).StandardDeviation();
}
