using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Tests.Training;
using MathNet.Numerics.LinearAlgebra;
using MathNet.Numerics.Statistics;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Execution;

/// <summary>A fused step by warps, in one group and in several, on simulated warps.</summary>
sealed class WarpStepTests
{
    const string Slow = "on simulated warps, these sizes take minutes";

    const int GoldenSteps = 3;

    static readonly Strategy OneGroup = Strategy.Fused with { Form = FusedForm.Warps };

    static readonly string[] Lectures = ["batchnorm", "backprop", "deep-batchnorm"];

    static KernelSet Kernels => Accelerators.Warps;

    // Whole vectors of examples, less, and one more; widths on either side of a block and of a vector. Small: a shuffle waits for 32
    // threads of the operating system.
    static readonly Recipe[] UglyShapes =
    [
        Recipe.Named("batchnorm") with { Name = "a batch of 2", Hidden = [5], Batch = 2 },
        Recipe.Named("backprop") with { Name = "one past a vector", Hidden = [33], Batch = 33 },
        Recipe.Named("deep-batchnorm") with { Name = "a batch of 40", Hidden = [17, 4], Batch = 40, Embedding = 3 },
        Recipe.Named("deep-tanh") with { Name = "single features", Hidden = [1, 1], Batch = 65, Embedding = 1, Context = 5 },
        Recipe.Named("backprop") with { Name = "L2", Hidden = [7], Embedding = 3, Batch = 5, L2 = Networks.L2OfAll },
        Recipe.Named("batchnorm") with { Name = "relu", Hidden = [5], Batch = 7, Activation = Activation.Relu },
        Recipe.Named("deep-tanh") with { Name = "sigmoid", Hidden = [5], Batch = 7, Activation = Activation.Sigmoid },
        Recipe.Named("deep-tanh") with { Name = "gelu", Hidden = [5, 3], Batch = 7, Activation = Activation.Gelu },
        Recipe.Named("batchnorm") with { Name = "gelu, normalized", Hidden = [5], Batch = 33, Activation = Activation.Gelu },
        Recipe.Named("batchnorm") with
        {
            Name = "biased, epsilon on the deviation",
            Hidden = [5],
            Batch = 7,
            Normalization = Recipe.Named("backprop").Normalization! with
            {
                Variance = VarianceEstimator.Biased,
                Epsilon = 0.3,
                EpsilonOn = EpsilonTarget.Deviation,
            },
        },
    ];

    static IEnumerable<TestCaseData> Shapes => InBothForms(UglyShapes);

    static IEnumerable<TestCaseData> Recipes => InBothForms(Lectures.Select(Recipe.Named)).Select(test => test.Explicit(Slow));

    // A step so long that the parameters hardly matter beside it: the gradient is what they changed by.
    [TestCaseSource(nameof(Recipes))]
    [TestCaseSource(nameof(Shapes))]
    public void Loss_and_gradients_are_the_references(Recipe recipe, Strategy strategy)
    {
        using Mlp network = Networks.Drawn(Kernels, recipe);
        Split train = TestData.Embedded.Train with { Context = recipe.Context };
        int[] indices = Indices(recipe, train, steps: 1);
        (double expectedLoss, Dictionary<string, double[]> expected, _) =
            new ReferenceNetwork(network).Backward(train.ContextsOf(indices), train.TargetsOf(indices));
        Dictionary<string, float[]> before = Networks.Values(network);
        const float learningRate = 1024;
        float loss = Run(network, strategy, train, indices, learningRate)[0];

        using (Assert.EnterMultipleScope())
        {
            Close.Assert("loss", [loss], [expectedLoss], Tolerance.Forward);
            foreach (Tensor tensor in network.Parameters.Tensors)
            {
                IEnumerable<double> gradient = before[tensor.Name].Zip(tensor.ToArray(), (from, to) => ((double)from - to) / learningRate);
                Close.Assert(tensor.Name, [.. gradient], expected[tensor.Name], Tolerance.Gradient);
            }
        }
    }

    // Every result is one warp's, summed in one order.
    [Test]
    public void Groups_change_no_bit([Values(31, 33)] int batch)
    {
        Recipe recipe = Recipe.Named("batchnorm") with
        {
            Hidden = [6, 5],
            Batch = batch,
            Embedding = 3,
            L2 = Networks.L2(("C", 0.1), ("layers.0.weight", 0.2)),
        };
        var results = new List<(float[] Losses, Dictionary<string, float[]> Values)>();
        foreach (Strategy strategy in Forms.Warps)
        {
            using Mlp network = Networks.Drawn(Kernels, recipe);
            float[] losses = Run(
                network, strategy, TestData.Embedded.Train, Indices(recipe, TestData.Embedded.Train, steps: 2), learningRate: 0.1f);
            results.Add((losses, Networks.Values(network)));
        }
        using Mlp ofThreads = Networks.Drawn(Accelerators.Cpu, recipe);
        float[] expected = Run(
            Accelerators.Cpu, ofThreads, Strategy.Fused, TestData.Embedded.Train,
            Indices(recipe, TestData.Embedded.Train, steps: 2), learningRate: 0.1f);
        using (Assert.EnterMultipleScope())
        {
            // The second step shows what the first has left.
            Assert.That(results[0].Losses, Is.EqualTo(expected).Within(5e-6f));
            foreach ((float[] losses, Dictionary<string, float[]> values) in results)
            {
                Assert.That(losses, Is.EqualTo(results[0].Losses));
                Assert.That(values, Is.EqualTo(results[0].Values));
            }
        }
    }

    [Test, Explicit(Slow)]
    public void The_first_losses_of_recipe_batchnorm_are_libtorchs()
    {
        using TrainingRun run = new TrainingRun(
            Kernels, OneGroup, Recipe.Named("batchnorm"), TestData.Lecture, GoldenSteps, dropAt: GoldenSteps).Train();
        Assert.That(run.Losses, Has.Length.EqualTo(GoldenSteps));
        Assert.That(run.Losses, Is.EqualTo(TestData.GoldenLosses[..GoldenSteps]).Within(5e-6f));
    }

    [Test]
    public void Evaluation_is_the_references()
    {
        using Mlp network = Networks.WithStatistics(Kernels, Recipe.Named("backprop") with { Hidden = [5], Embedding = 3 });
        // Two batches, and the second of them holds two examples.
        Split split = TestData.Embedded.Train.First(130);
        // Warp groups evaluate as warps do.
        Strategy strategy = Forms.Warps.First();
        using var evaluator = new Evaluator(Kernels, network, strategy);
        Close.Assert("loss", [evaluator.Loss(split)], [new ReferenceNetwork(network).Loss(split)], Tolerance.Forward);

        Calibration.Calibrate(Kernels, network, strategy, split);
        Matrix<double> x = new ReferenceNetwork(network).Forward(split.ContextsOf(split.Examples), Pass.Evaluation)[1];
        BatchNormalization norm = network.Layers.OfType<BatchNormalization>().Single();
        Close.Assert("mean", norm.RunningMean.ToArray(), [.. x.EnumerateColumns().Select(feature => feature.Average())], Tolerance.Forward);
        Close.Assert(
            "variance", norm.RunningVariance.ToArray(), [.. x.EnumerateColumns().Select(feature => feature.Variance())], Tolerance.Forward);
    }

    static IEnumerable<TestCaseData> InBothForms(IEnumerable<Recipe> recipes) =>
        from recipe in recipes
        from strategy in recipe.Batch > 32 ? Forms.Warps : Forms.Warps.Append(OneGroup)
        select new TestCaseData(recipe, strategy).SetArgDisplayNames(recipe.Name, $"{strategy.Form}, {strategy.Groups} groups");

    static int[] Indices(Recipe recipe, Split train, int steps)
    {
        var indices = new int[steps * recipe.Batch];
        new TorchGenerator(3).RandInt(0, train.Count, indices);
        return indices;
    }

    static float[] Run(Mlp network, Strategy strategy, Split examples, int[] indices, float learningRate) =>
        Run(Kernels, network, strategy, examples, indices, learningRate);

    static float[] Run(KernelSet kernels, Mlp network, Strategy strategy, Split examples, int[] indices, float learningRate)
    {
        int steps = indices.Length / network.Recipe.Batch;
        using var split = new DeviceSplit(kernels, examples);
        using ITrainingStep step = strategy.CreateStep(kernels, network, split, network.Recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> batchIndices = kernels.Accelerator.Allocate1D(kernels.Stream, indices);
        using MemoryBuffer1D<float, Stride1D.Dense> record = kernels.Accelerator.Allocate1D<float>(steps);
        step.Run(batchIndices.View, steps, learningRate, record.View);
        step.Store();
        return kernels.Read<float>(record.View);
    }
}
