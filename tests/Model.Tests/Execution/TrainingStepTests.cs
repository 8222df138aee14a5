using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Reference;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Execution;

/// <summary>A step, in each form.</summary>
[TestFixtureSource(typeof(Forms), nameof(Forms.Training))]
sealed class TrainingStepTests(string accelerator, string strategyName, int threads, FusedForm form, int groups)
{
    readonly Strategy strategy = new(strategyName, threads, form, groups);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    // A step so long that the parameters hardly matter beside it: the gradient is what they changed by.
    [TestCaseSource(typeof(Networks), nameof(Networks.Cases))]
    public void Loss_and_gradients_are_the_references(Recipe recipe)
    {
        using Mlp network = Networks.Drawn(Kernels, recipe);
        var (contexts, targets) = Batch(recipe.Batch, seed: 3);
        (double expectedLoss, Dictionary<string, double[]> expected, _) = new ReferenceNetwork(network).Backward(contexts, targets);
        Dictionary<string, float[]> before = Networks.Values(network);
        const float learningRate = 1024;
        float loss = RunSteps(network, contexts, targets, learningRate, steps: 1)[0];

        using (Assert.EnterMultipleScope())
        {
            Close.Assert("loss", [loss], [expectedLoss], Tolerance.Forward);
            Assert.That(network.Parameters.Tensors.Select(tensor => tensor.Name), Is.EquivalentTo(expected.Keys));
            foreach (Tensor tensor in network.Parameters.Tensors)
            {
                IEnumerable<double> gradient = before[tensor.Name].Zip(tensor.ToArray(), (from, to) => ((double)from - to) / learningRate);
                Close.Assert(tensor.Name, [.. gradient], expected[tensor.Name], Tolerance.Gradient);
            }
        }
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void Running_statistics_are_updated_towards_the_batchs(string name)
    {
        Recipe recipe = Recipe.Named(name) with { Hidden = [20, 10] };
        using Mlp network = Networks.WithStatistics(Kernels, recipe);
        Dictionary<string, float[]> before = Networks.Values(network);
        var (contexts, targets) = Batch(recipe.Batch, seed: 4);
        RunSteps(network, contexts, targets, learningRate: 0, steps: 1);

        var reference = new ReferenceNetwork(network);
        IReadOnlyList<Matrix<double>> outputs = reference.Forward(contexts, Pass.Training);
        for (int i = 0; i < network.Layers.Count; i++)
        {
            if (network.Layers[i] is BatchNormalization norm)
            {
                BatchNormResult batch = ReferenceNetwork.Normalized(norm, outputs[i]);
                bool isDeviation = norm.Constants.Running == RunningStatistic.StandardDeviation;
                AssertMoved(norm.RunningMean, before, batch.Mean);
                AssertMoved(norm.RunningVariance, before, isDeviation ? batch.Variance.PointwiseSqrt() : batch.Variance);
            }
        }
    }

    [Test]
    public void Three_steps_of_descent_are_the_references()
    {
        const double learningRate = 0.1;
        var batch = LectureBatch.From(TestData.GoldenBatch);
        using var network = new Mlp(Kernels, batch.Recipe, batch.Vocabulary);
        foreach (Tensor tensor in network.Parameters.Tensors)
        {
            tensor.Set(batch.Parameters[tensor.Name]);
        }
        float[] losses = RunSteps(network, batch.Tokens, batch.Targets, (float)learningRate, steps: 3);

        var parameters = batch.Parameters.ToDictionary(pair => pair.Key, pair => Row(Array.ConvertAll(pair.Value, value => (double)value)));
        using (Assert.EnterMultipleScope())
        {
            foreach (float loss in losses)
            {
                var rounded = parameters.ToDictionary(pair => pair.Key, pair => Rounded(pair.Value));
                IReadOnlyDictionary<string, double[]> tensors = ReferenceStep.Run(batch with { Parameters = rounded });
                Close.Assert("loss", [loss], tensors["loss"], Tolerance.Forward);
                parameters = parameters.ToDictionary(
                    pair => pair.Key, pair => ReferenceOperations.Sgd(pair.Value, Row(tensors[pair.Key + ".grad"]), learningRate));
            }
            foreach (Tensor tensor in network.Parameters.Tensors)
            {
                Close.Assert(tensor.Name, tensor.ToArray(), parameters[tensor.Name].ToRowMajorArray(), Tolerance.Forward);
            }
        }
    }

    // However the indices of batches come to the device, in one chunk or in several, the steps are the same.
    [Test]
    public void A_step_takes_its_own_batch_out_of_many()
    {
        const int steps = 7;
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [20] };
        using Mlp together = Networks.Drawn(Kernels, recipe);
        using Mlp apart = Networks.Drawn(Kernels, recipe);
        Split train = TestData.Embedded.Train;
        var indices = new int[steps * recipe.Batch];
        new TorchGenerator(9).RandInt(0, train.Count, indices);

        float[] losses = RunIndices(together, train, indices, 0.1f);
        float[] expected = [.. indices.Chunk(recipe.Batch).SelectMany(batch => RunIndices(apart, train, batch, 0.1f))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses, Is.EqualTo(expected));
            Assert.That(Networks.Values(together), Is.EqualTo(Networks.Values(apart)));
        }
    }

    // A step may prepare itself for the buffers and the learning rate that it is given, and must not stay with them.
    [Test]
    public void A_chunk_may_have_another_learning_rate_and_other_buffers()
    {
        (int Steps, float LearningRate, bool OtherBuffers)[] chunks =
            [(1, 0.1f, false), (3, 0.1f, false), (2, 0.01f, false), (3, 0.01f, true), (2, 0.1f, false)];
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [20], L2 = Networks.L2(("C", 0.1), ("W1", 0.2), ("W2", 0.3)) };
        using Mlp together = Networks.Drawn(Kernels, recipe);
        using Mlp apart = Networks.Drawn(Kernels, recipe);
        Split train = TestData.Embedded.Train;
        var generator = new TorchGenerator(9);
        using var split = new DeviceSplit(Kernels, train);
        using ITrainingStep step = strategy.CreateStep(Kernels, together, split, recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> batchIndices = Kernels.Accelerator.Allocate1D<int>(3L * recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> otherIndices = Kernels.Accelerator.Allocate1D<int>(3L * recipe.Batch);
        using MemoryBuffer1D<float, Stride1D.Dense> record = Kernels.Accelerator.Allocate1D<float>(3);
        using MemoryBuffer1D<float, Stride1D.Dense> otherRecord = Kernels.Accelerator.Allocate1D<float>(3);
        List<float> losses = [], expected = [];
        foreach ((int steps, float learningRate, bool otherBuffers) in chunks)
        {
            var indices = new int[steps * recipe.Batch];
            generator.RandInt(0, train.Count, indices);
            ArrayView<int> view = otherBuffers ? otherIndices.View : batchIndices.View;
            ArrayView<float> results = otherBuffers ? otherRecord.View : record.View;
            view.SubView(0, indices.Length).CopyFromCPU(Kernels.Stream, indices);
            step.Run(view, steps, learningRate, results);
            losses.AddRange(Kernels.Read(results)[..steps]);
            expected.AddRange(indices.Chunk(recipe.Batch).SelectMany(batch => RunIndices(apart, train, batch, learningRate)));
        }
        step.Store();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(losses, Is.EqualTo(expected));
            Assert.That(Networks.Values(together), Is.EqualTo(Networks.Values(apart)));
        }
    }

    // The CPU accelerator's launches are tasks, each an object that ILGPU makes: 3,360 bytes for the 20 launches of a layered step. Nothing
    // may come on top of them. On every other accelerator nothing is allocated, and in the fused form nothing for a further step.
    [Test]
    public void A_step_allocates_nothing_on_the_managed_heap()
    {
        const int steps = 50;
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named("batchnorm"));
        using var split = new DeviceSplit(Kernels, TestData.Embedded.Train);
        using ITrainingStep step = strategy.CreateStep(Kernels, network, split, network.Recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = Kernels.Accelerator.Allocate1D<int>((long)steps * network.Recipe.Batch);
        using MemoryBuffer1D<float, Stride1D.Dense> record = Kernels.Accelerator.Allocate1D<float>(steps);
        indices.MemSetToZero(Kernels.Stream);
        long Allocated(int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            step.Run(indices.View, count, 0.1f, record.View);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Kernels.Stream.Synchronize();
            return allocated;
        }

        Allocated(steps);
        bool makesTasks = strategy.Name == Strategy.Layered.Name && Kernels.Accelerator.AcceleratorType == AcceleratorType.CPU;
        // The runtime may allocate something of its own meanwhile, but not in every round.
        long least = Enumerable.Range(0, 3).Min(_ => Allocated(steps) - Allocated(1));
        Assert.That(least / (steps - 1), Is.LessThanOrEqualTo(makesTasks ? 3400 : 0));
    }

    static float[] Rounded(Matrix<double> x) => Array.ConvertAll(x.ToRowMajorArray(), value => (float)value);

    static Matrix<double> Row(double[] values) => Matrix<double>.Build.Dense(1, values.Length, values);

    // running = (1-m)·running + m·batch, with the recipes' m
    static void AssertMoved(Tensor tensor, Dictionary<string, float[]> before, Vector<double> batch) =>
        Close.Assert(
            tensor.Name,
            tensor.ToArray(),
            [.. batch.Select((value, i) => (0.999 * before[tensor.Name][i]) + (0.001 * value))],
            Tolerance.Forward);

    static (int[] Contexts, int[] Targets) Batch(int size, ulong seed)
    {
        Split train = TestData.Embedded.Train;
        var indices = new int[size];
        new TorchGenerator(seed).RandInt(0, train.Count, indices);
        return (train.ContextsOf(indices), train.TargetsOf(indices));
    }

    // The same batch in every step.
    float[] RunSteps(Mlp network, int[] contexts, int[] targets, float learningRate, int steps)
    {
        (Split split, int[] examples) = Split.OfContexts(contexts, targets);
        return RunIndices(network, split, [.. Enumerable.Repeat(examples, steps).SelectMany(batch => batch)], learningRate);
    }

    float[] RunIndices(Mlp network, Split examples, int[] indices, float learningRate)
    {
        int steps = indices.Length / network.Recipe.Batch;
        using var split = new DeviceSplit(Kernels, examples);
        using ITrainingStep step = strategy.CreateStep(Kernels, network, split, network.Recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> batchIndices = Kernels.Accelerator.Allocate1D(Kernels.Stream, indices);
        using MemoryBuffer1D<float, Stride1D.Dense> record = Kernels.Accelerator.Allocate1D<float>(steps);
        step.Run(batchIndices.View, steps, learningRate, record.View);
        step.Store();
        var losses = new float[steps];
        record.View.CopyToCPU(Kernels.Stream, losses);
        Kernels.Stream.Synchronize();
        return losses;
    }
}
