using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Execution;

/// <summary>Networks that are trained at once get what each gets alone, bit for bit, whatever the others do.</summary>
sealed class StackedNetworksTests
{
    static readonly string[] Names = [.. Accelerators.Names.Where(name => !name.StartsWith("cuda", StringComparison.Ordinal))];

    static readonly Recipe Deep = Recipe.Named("deep-batchnorm") with { Hidden = [17, 12] };

    static readonly Recipe[][] Sets =
    [
        [.. Seeds(Recipe.Named("batchnorm"), 1)],
        [.. Seeds(Recipe.Named("batchnorm"), 5)],
        [.. Seeds(Deep, 3), Deep with { LearningRate = 1e30 }, .. Seeds(Deep, 3)],
        [
            Deep with { L2 = Networks.L2(("C", 0.1), ("layers.0.weight", 0.3)) },
            Deep with { L2 = Networks.L2(("C", 0.7), ("layers.0.weight", -0.1)), LearningRate = 0.2 },
            Deep with
            {
                L2 = Networks.L2(("C", 0.2), ("layers.0.weight", 1)),
                Normalization = Deep.Normalization! with { Momentum = 0.5 },
            },
        ],
        [
            Deep, Deep with { Normalization = Deep.Normalization! with { Epsilon = 0.3, EpsilonOn = EpsilonTarget.Deviation } },
            Deep with { OutputWeight = new Draw(0.7) },
        ],
        [.. Seeds(Recipe.Named("deep-tanh") with { Hidden = [20, 33], Batch = 5 }, 4)],
        [.. Seeds(Recipe.Named("backprop") with { Hidden = [7], Embedding = 3, Batch = 33, L2 = Networks.L2OfAll }, 4)],
    ];

    [Test]
    public void Each_gets_the_bits_that_it_gets_alone(
        [ValueSource(nameof(Names))] string accelerator, [Range(0, 6)] int set, [Values(1, 2)] int groups) =>
        AssertSame(Accelerators.Kernels(accelerator), Strategy.Fused, Sets[set], groups, steps: 5);

    // A shuffle of simulated warps waits for 32 threads of the operating system, so there is one group: what diverges leaves its scratch to
    // the next.
    [TestCase(FusedForm.WarpGroups)]
    [TestCase(FusedForm.Warps, Explicit = true, Reason = "on simulated warps, it takes half a minute")]
    public void So_it_is_by_warps(FusedForm form)
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [5], Batch = 31, Embedding = 3, LearningRate = 1e30 };
        AssertSame(
            Accelerators.Warps, Strategy.Fused with { Form = form }, [recipe, recipe with { LearningRate = 0.2 }], groups: 1, steps: 1);
    }

    [Test]
    public void Networks_of_other_sizes_are_of_another_shape()
    {
        StackShape shape = ShapeOf(Deep);
        Recipe small = Deep with { L2 = Networks.L2(("C", 0.1)) };
        using (Assert.EnterMultipleScope())
        {
            Assert.That(ShapeOf(small with { L2 = Networks.L2(("C", 2)) }), Is.EqualTo(ShapeOf(small)));
            Assert.That(ShapeOf(small with { L2 = Networks.L2(("layers.1.gamma", 0.1)) }), Is.Not.EqualTo(ShapeOf(small)));
            Assert.That(ShapeOf(Deep with { LearningRate = 7, HiddenWeight = new Draw(3) }), Is.EqualTo(shape));
            Assert.That(ShapeOf(Deep with { LearningRate = 7 }).GetHashCode(), Is.EqualTo(shape.GetHashCode()));
            foreach (Recipe other in (Recipe[])
                [
                    Deep with { Hidden = [17, 13] }, Deep with { Hidden = [17] }, Deep with { Batch = 31 }, Deep with { Embedding = 9 },
                    Deep with { Activation = Kernels.Elementwise.Activation.Relu }, Deep with { HiddenBias = new Draw(1) },
                    small,
                    Deep with { Normalization = Deep.Normalization! with { Variance = VarianceEstimator.Biased } },
                ])
            {
                Assert.That(ShapeOf(other), Is.Not.EqualTo(shape), other.ToString());
            }
        }
    }

    static StackShape ShapeOf(Recipe recipe) =>
        StackShape.Of(Accelerators.Cpu, NetworkShape.Of(recipe, vocabulary: 27), recipe.Batch, Strategy.Fused);

    static IEnumerable<Recipe> Seeds(Recipe recipe, int count) => Enumerable.Repeat(recipe, count);

    static void AssertSame(KernelSet kernels, Strategy strategy, Recipe[] recipes, int groups, int steps)
    {
        Split examples = TestData.Embedded.Train;
        using var split = new DeviceSplit(kernels, examples);
        Mlp[] networks = [.. recipes.Select((recipe, i) => Drawn(kernels, recipe, i))];
        Mlp[] alone = [.. recipes.Select((recipe, i) => Drawn(kernels, recipe, i))];
        int batch = recipes[0].Batch;
        StackShape shape = StackShape.Of(kernels, networks[0].Shape, batch, strategy);
        using var stack = new StackedNetworks(kernels, shape, split, networks.Length, groups);
        stack.Load(networks);
        // A first launch alone, so that the second one begins with what the first has left.
        float[][] losses = [.. networks.Select(_ => new float[2 * steps])];
        float[] rates = [.. recipes.Select(recipe => (float)recipe.LearningRate)];
        for (int launch = 0; launch < 2; launch++)
        {
            for (int i = 0; i < networks.Length; i++)
            {
                Indices(i, launch, steps * batch, examples).CopyTo(stack.HostIndices.AsSpan(i * steps * batch));
            }
            ReadOnlyMemory<float> record = stack.Run(steps, rates);
            for (int i = 0; i < networks.Length; i++)
            {
                record.Span.Slice(i * steps, steps).CopyTo(losses[i].AsSpan(launch * steps));
            }
        }
        stack.Store(networks);

        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < networks.Length; i++)
            {
                Assert.That(losses[i], Is.EqualTo(Train(kernels, alone[i], strategy, split, i, steps, examples)), $"losses of network {i}");
                Assert.That(Networks.Values(networks[i]), Is.EqualTo(Networks.Values(alone[i])), $"network {i}");
                networks[i].Dispose();
                alone[i].Dispose();
            }
        }
    }

    static float[] Train(KernelSet kernels, Mlp network, Strategy strategy, DeviceSplit split, int seed, int steps, Split examples)
    {
        int batch = network.Recipe.Batch;
        using ITrainingStep step = strategy.CreateStep(kernels, network, split, batch);
        using MemoryBuffer1D<float, Stride1D.Dense> record = kernels.Accelerator.Allocate1D<float>(2 * steps);
        for (int launch = 0; launch < 2; launch++)
        {
            using MemoryBuffer1D<int, Stride1D.Dense> indices =
                kernels.Accelerator.Allocate1D(kernels.Stream, Indices(seed, launch, steps * batch, examples));
            step.Run(indices.View, steps, (float)network.Recipe.LearningRate, record.View.SubView(launch * steps, steps));
            kernels.Stream.Synchronize();
        }
        step.Store();
        return kernels.Read<float>(record.View);
    }

    static Mlp Drawn(KernelSet kernels, Recipe recipe, int seed)
    {
        var network = new Mlp(kernels, recipe, TestData.Embedded.Vocabulary.Count);
        network.Draw(Model.Random.Seeds.Of((ulong)seed));
        return network;
    }

    static int[] Indices(int network, int launch, int count, Split examples)
    {
        var indices = new int[count];
        new TorchGenerator((ulong)((network * 2) + launch)).RandInt(0, examples.Count, indices);
        return indices;
    }
}
