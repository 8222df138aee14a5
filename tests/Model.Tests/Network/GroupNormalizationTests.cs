using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Network;

/// <summary>Networks with layer and group normalization, which have the layered form alone.</summary>
[TestFixtureSource(typeof(Accelerators), nameof(Accelerators.Names))]
sealed class GroupNormalizationTests(string accelerator)
{
    static readonly Recipe[] Shapes =
    [
        Recipe.Named("backprop").Normalized(NormalizationKind.Layer) with
        {
            Name = "layer, odd sizes",
            Hidden = [7],
            Embedding = 3,
            Batch = 5,
        },
        Recipe.Named("backprop").Normalized(NormalizationKind.Layer) with { Name = "layer, a batch of one", Batch = 1 },
        Recipe.Named("backprop").Normalized(NormalizationKind.Group, 4) with { Name = "group, two hidden layers", Hidden = [20, 12] },
        Recipe.Named("backprop").Normalized(NormalizationKind.Group, 7) with { Name = "group, one feature each", Hidden = [7] },
        Recipe.Named("deep-batchnorm").Normalized(NormalizationKind.Layer) with { Name = "layer, logits", Hidden = [17, 12] },
        Recipe.Named("deep-batchnorm").Normalized(NormalizationKind.Group, 3) with { Name = "group, logits", Hidden = [18] },
        Recipe.Named("backprop").Normalized(NormalizationKind.Layer) with
        {
            Name = "layer, L2",
            Hidden = [33],
            L2 = Networks.L2(("C", 0.3), ("W1", 0.2), ("lngain", 0.4), ("lnbias", 0.7)),
        },
    ];

    static IEnumerable<TestCaseData> Cases => Networks.AsCases(Shapes);

    KernelSet Kernels => Accelerators.Kernels(accelerator);

    [TestCaseSource(nameof(Cases))]
    public void Loss_and_gradients_are_the_references(Recipe recipe)
    {
        using Mlp network = Networks.Drawn(Kernels, recipe);
        Split train = TestData.Embedded.Train;
        int[] examples = Examples(recipe.Batch);
        (double expectedLoss, Dictionary<string, double[]> expected, _) = new ReferenceNetwork(network).Backward(
            train.ContextsOf(examples), train.TargetsOf(examples));

        using var split = new DeviceSplit(Kernels, train);
        using var step = new LayeredStep(Kernels, network, split, recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = Kernels.Accelerator.Allocate1D(Kernels.Stream, examples);
        using MemoryBuffer1D<float, Stride1D.Dense> loss = Kernels.Accelerator.Allocate1D<float>(1);
        step.ComputeGradients(indices.View, Pass.Training, loss.View);
        using (Assert.EnterMultipleScope())
        {
            Close.Assert("loss", Kernels.Read<float>(loss.View), [expectedLoss], Tolerance.Forward);
            Assert.That(network.Parameters.Tensors.Select(tensor => tensor.Name), Is.EquivalentTo(expected.Keys));
            foreach (Tensor tensor in network.Parameters.Tensors)
            {
                Close.Assert(tensor.Name, tensor.GradientToArray(), expected[tensor.Name], Tolerance.Gradient);
            }
        }
    }

    // One example by itself, and more than a batch of evaluation has.
    [TestCaseSource(nameof(Cases))]
    public void Evaluation_normalizes_as_training_does(Recipe recipe)
    {
        using Mlp network = Networks.Drawn(Kernels, recipe);
        using var evaluator = new Evaluator(Kernels, network, Strategy.Layered);
        foreach (int count in new[] { 1, Evaluator.Batch + 1 })
        {
            Split split = TestData.Embedded.Train.First(count);
            Close.Assert("loss", [evaluator.Loss(split)], [new ReferenceNetwork(network).Loss(split)], Tolerance.Forward);
        }
    }

    // The CPU accelerator's launches are tasks of 168 bytes each, and there are 21 in a step: one more than with batch normalization.
    [Test]
    public void A_step_allocates_nothing_on_the_managed_heap()
    {
        const int steps = 50;
        using Mlp network = Networks.Drawn(Kernels, Recipe.Named("batchnorm").Normalized(NormalizationKind.Layer));
        using var split = new DeviceSplit(Kernels, TestData.Embedded.Train);
        using ITrainingStep step = Strategy.Layered.CreateStep(Kernels, network, split, network.Recipe.Batch);
        using MemoryBuffer1D<int, Stride1D.Dense> indices = Kernels.Accelerator.Allocate1D<int>((long)steps * network.Recipe.Batch);
        using MemoryBuffer1D<float, Stride1D.Dense> record = Kernels.Accelerator.Allocate1D<float>(steps);
        indices.MemSetToZero(Kernels.Stream);
        Allocated(steps);
        long least = Enumerable.Range(0, 3).Min(_ => Allocated(steps) - Allocated(1));
        Assert.That(least / (steps - 1), Is.LessThanOrEqualTo(Kernels.Accelerator.AcceleratorType == AcceleratorType.CPU ? 3568 : 0));

        long Allocated(int count)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            step.Run(indices.View, count, 0.1f, record.View);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Kernels.Stream.Synchronize();
            return allocated;
        }
    }

    static int[] Examples(int count)
    {
        var indices = new int[count];
        new TorchGenerator(3).RandInt(0, TestData.Embedded.Train.Count, indices);
        return indices;
    }
}
