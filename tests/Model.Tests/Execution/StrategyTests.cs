using ILGPU.Runtime;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Elementwise;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Model.Tests.Training;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Execution;

sealed class StrategyTests
{
    static readonly Recipe Small = Recipe.Named("batchnorm") with { Hidden = [40, 33] };

    static Device Processor => Accelerators.Cpu.Accelerator.Device;

    [TestCase("fused", "fused")]
    [TestCase("LAYERED", "layered")]
    [TestCase("auto", "fused")]
    public void A_name_means_a_strategy(string name, string expected) =>
        Assert.That(Strategy.Named(name, Processor, Small, vocabulary: 27).Name, Is.EqualTo(expected));

    [Test]
    public void An_unknown_name_is_refused_with_the_known_ones() =>
        Assert.That(
            Refusal.Of(() => Strategy.Named("fast", Processor, Small, 27)), Does.Contain("'fast'").And.Contain("auto, fused or layered"));

    [Test]
    public void On_the_CPU_accelerator_a_network_of_any_size_is_fused() =>
        Assert.That(Strategy.Automatic(Processor, Small with { Hidden = [4000, 8000] }, 27).Name, Is.EqualTo("fused"));

    // By OpenCL, a fused step has one core, and a layered one has all. docs/performance.md has what was measured.
    [TestCase(32, 200, 27, true)]
    [TestCase(1024, 2048, 27, false)]
    [TestCase(32, 200, 50_000, false)]
    public void By_OpenCL_a_network_is_fused_where_one_core_is_enough(int batch, int hidden, int vocabulary, bool isFused)
    {
        Device? device = Accelerators.Names.Select(name => Accelerators.Kernels(name).Accelerator.Device)
            .FirstOrDefault(device => device.AcceleratorType == AcceleratorType.OpenCL && LaunchShape.IsProcessor(device));
        if (device is null || LaunchShape.For(device).Cores == 1)
        {
            Assert.Ignore("there is no OpenCL processor of several cores");
        }
        Recipe recipe = Recipe.Named("batchnorm") with { Batch = batch, Hidden = [hidden] };
        Assert.That(Strategy.Automatic(device!, recipe, vocabulary).Name, Is.EqualTo(isFused ? "fused" : "layered"));
    }

    [TestCase(100_000)]
    [TestCase(int.MaxValue)]
    public void A_network_that_one_buffer_cannot_hold_is_refused_by_the_fused_form(int hidden)
    {
        Recipe huge = Small with { Hidden = [hidden, hidden] };
        Assert.That(Refusal.Of(() => Strategy.Named("fused", Processor, huge, 27)), Does.Contain("Form layered"));
        Assert.That(Strategy.Automatic(Processor, huge, 27).Name, Is.EqualTo("layered"));
    }

    [Test]
    public void A_layer_without_a_fused_form_is_refused_by_its_name()
    {
        NetworkShape shape = NetworkShape.Of(Small, vocabulary: 27);
        NetworkShape withRelu = shape with { Layers = [shape.Layers[0], new ReluShape(40), .. shape.Layers.Skip(1)] };
        Assert.That(FusedLayers.Have(withRelu), Is.False);
        Assert.That(Refusal.Of(() => FusedLayers.Of(withRelu)), Does.Contain("ReluShape").And.Contain("Form layered"));
    }

    [TestCase(NormalizationKind.Layer, 1, "LayerNorm")]
    [TestCase(NormalizationKind.Group, 4, "GroupNorm")]
    public void A_normalization_of_examples_is_layered_and_the_fused_form_refuses_it_by_its_name(
        NormalizationKind kind, int groups, string name)
    {
        Recipe recipe = (Small with { Hidden = [40] }).Normalized(kind, groups);
        Assert.That(Strategy.Automatic(Processor, recipe, 27), Is.EqualTo(Strategy.Layered));
        Assert.That(
            Refusal.Of(() => Strategy.Named("fused", Processor, recipe, 27)), Does.Contain(name).And.Contain("Form layered"));
    }

    // A fused layer is linear, then normalized, then activated; and the logits are not activated.
    [TestCase(0, 2, 1, 3)]
    [TestCase(1, 0, 2, 3)]
    [TestCase(0, 1, 1, 3)]
    [TestCase(0, 1, 2, 2)]
    [TestCase(0, 1, 3, 2)]
    public void Layers_in_another_order_have_no_fused_form(params int[] order)
    {
        NetworkShape shape = NetworkShape.Of(Small with { Hidden = [40] }, vocabulary: 27);
        Assert.That(FusedLayers.Have(shape with { Layers = [.. order.Select(i => shape.Layers[i])] }), Is.False);
    }

    // The kernels take one set of constants.
    [Test]
    public void Normalizations_with_constants_of_their_own_have_no_fused_form()
    {
        NetworkShape shape = NetworkShape.Of(Recipe.Named("batchnorm") with { Hidden = [40, 33] }, vocabulary: 27);
        LayerShape[] layers =
        [
            .. shape.Layers.Select(layer => layer is BatchNormShape { Outputs: 33 } norm
                ? norm with { Constants = norm.Constants with { Epsilon = 0.5f } }
                : layer),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(FusedLayers.Have(shape), Is.True);
            Assert.That(FusedLayers.Have(shape with { Layers = layers }), Is.False);
        }
    }

    [TestCaseSource(typeof(Networks), nameof(Networks.Recipes))]
    public void Every_layer_of_a_recipe_is_in_its_fused_form(Recipe recipe)
    {
        NetworkShape shape = NetworkShape.Of(recipe, vocabulary: 27);
        IReadOnlyList<FusedLayerKind> layers = FusedLayers.Of(shape);
        int made = layers.Count + layers.Count(layer => layer.IsNormalized) + layers.Count(layer => layer.Activation != Activation.None);
        Assert.That(made, Is.EqualTo(shape.Layers.Count));
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(3)]
    public void Threads_that_the_device_does_not_have_are_refused(int threads) =>
        Assert.That(
            Refusal.Of(() => Strategy.Fused.With(threads, Processor)), Does.Contain($"threads is {threads}").And.Contain("1 to 2"));

    [Test]
    public void Layered_steps_are_shared_by_threads_on_the_CPU_accelerator_alone() =>
        Assert.That(Strategy.Layered.With(2, Processor), Is.EqualTo(Strategy.Layered with { Threads = 2 }));

    [TestCase("batchnorm", new[] { 200 }, 32, 1)]
    [TestCase("batchnorm", new[] { 1024 }, 256, 2)]
    [TestCase("deep-batchnorm", new[] { 100, 100, 100, 100, 100 }, 32, 1)]
    public void Only_networks_with_enough_work_for_them_get_threads_of_their_own(string recipe, int[] hidden, int batch, int threads)
    {
        Recipe network = Recipe.Named(recipe) with { Hidden = hidden, Batch = batch };
        foreach (string name in new[] { "auto", "fused", "layered" })
        {
            var strategy = Strategy.Named(name, Processor, network, vocabulary: 27);
            Assert.That((strategy.Threads, strategy.GivesWay), Is.EqualTo((threads, threads > 1)), name);
        }
    }

    // Every result is one thread's, summed in one order.
    [Test]
    public void Threads_change_no_bit(
        [ValueSource(typeof(Accelerators), nameof(Accelerators.Names))] string accelerator, [Values] bool hasWeightDecay)
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        Recipe recipe = Small with
        {
            L2 = hasWeightDecay ? Networks.L2(("C", 0.1), ("layers.0.weight", 0.2), ("layers.1.gamma", 1)) : Networks.L2(),
        };
        AssertSameBits(kernels, recipe, steps: 60);
    }

    // A product is large or not by the whole of it: 128 of 256 examples and 300 features would not be.
    [Test]
    public void Threads_change_no_bit_of_large_products(
        [ValueSource(typeof(Accelerators), nameof(Accelerators.Names))] string accelerator) =>
        AssertSameBits(Accelerators.Kernels(accelerator), Small with { Hidden = [300], Batch = 256 }, steps: 5);

    static void AssertSameBits(KernelSet kernels, Recipe recipe, int steps)
    {
        using TrainingRun one = new TrainingRun(kernels, Strategy.Fused, recipe, TestData.Embedded, steps).Train();
        using TrainingRun two = new TrainingRun(kernels, Strategy.Fused with { Threads = 2 }, recipe, TestData.Embedded, steps).Train();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(two.Losses, Is.EqualTo(one.Losses));
            Assert.That(Networks.Values(two.Network), Is.EqualTo(Networks.Values(one.Network)));
        }
    }

    sealed record ReluShape(int Outputs) : LayerShape(Outputs);
}
