using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Network;

sealed class MlpTests
{
    [TestCase("naive", 11_897)]
    [TestCase("small-logits", 11_897)]
    [TestCase("scaled-hidden", 11_897)]
    [TestCase("kaiming", 11_897)]
    [TestCase("batchnorm", 12_097)]
    [TestCase("backprop", 12_297)]
    [TestCase("deep-linear", 46_497)]
    [TestCase("deep-tanh", 46_497)]
    [TestCase("deep-batchnorm", 47_024)]
    public void Parameters_are_as_many_as_in_the_lectures(string recipe, int count)
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named(recipe), vocabulary: 27);
        Assert.That(network.ParameterCount, Is.EqualTo(count));
    }

    [TestCaseSource(typeof(Networks), nameof(Networks.Cases))]
    public void The_shape_of_a_network_tells_its_tensors(Recipe recipe)
    {
        using var network = new Mlp(Accelerators.Cpu, recipe, vocabulary: 27);
        IEnumerable<(string, string)> shapes = network.Shape.Parameters.Concat(network.Shape.Statistics)
            .Select(tensor => (tensor.Name, string.Join(',', tensor.Sizes)));
        Assert.That(shapes, Is.EqualTo(network.Tensors.Select(tensor => (tensor.Name, string.Join(',', tensor.Shape)))));
    }

    [TestCase("naive")]
    [TestCase("small-logits")]
    [TestCase("scaled-hidden")]
    [TestCase("kaiming")]
    public void Without_normalization_tensors_have_the_lectures_names_and_shapes(string recipe) =>
        AssertTensors(recipe, "C [27,10]", "W1 [30,200]", "b1 [200]", "W2 [200,27]", "b2 [27]");

    [TestCase("batchnorm", "bnstd_running [200]")]
    [TestCase("backprop", "b1 [200]", "bnvar_running [200]")]
    public void Tensors_have_the_lectures_names_and_shapes(string recipe, params string[] own)
    {
        string[] common = ["C [27,10]", "W1 [30,200]", "bngain [200]", "bnbias [200]", "W2 [200,27]", "b2 [27]", "bnmean_running [200]"];
        AssertTensors(recipe, [.. common, .. own]);
    }

    [TestCase(NormalizationKind.Layer, 1, "lngain", "lnbias")]
    [TestCase(NormalizationKind.Group, 4, "gngain", "gnbias")]
    public void A_normalization_of_examples_has_names_of_its_own_and_keeps_no_statistics(
        NormalizationKind kind, int groups, string gain, string bias)
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named("batchnorm").Normalized(kind, groups), vocabulary: 27);
        Assert.That(network.Tensors.Select(tensor => tensor.Name), Is.EqualTo(["C", "W1", gain, bias, "W2", "b2"]));
        Assert.That(network.Statistics.Tensors, Is.Empty);
        Assert.That(network.ParameterCount, Is.EqualTo(12_097));
    }

    // Six layers: with a step of 2, every other position is a tanh's; with 3, every third is, and the second a normalization's.
    [TestCase("deep-linear", 1)]
    [TestCase("deep-tanh", 2)]
    public void Deep_networks_name_their_layers_by_their_position(string recipe, int step) =>
        AssertTensors(
            recipe,
            [
                "C [27,10]",
                .. Enumerable.Range(0, 6)
                    .SelectMany(i => new[] { $"layers.{i * step}.weight [{DeepShapes[i]}]", $"layers.{i * step}.bias [{Outputs(i)}]" }),
            ]);

    [Test]
    public void A_normalized_deep_network_names_its_normalizations_by_their_position() =>
        AssertTensors(
            "deep-batchnorm",
            [
                "C [27,10]",
                .. Enumerable.Range(0, 6).Select(i => $"layers.{i * 3}.weight [{DeepShapes[i]}]"),
                .. Enumerable.Range(0, 6).SelectMany(i =>
                    new[] { "gamma", "beta", "running_mean", "running_var" }.Select(name => $"layers.{(i * 3) + 1}.{name} [{Outputs(i)}]")),
            ]);

    // Both normalizations would else have the name that a single one has.
    [Test]
    public void Normalized_logits_after_one_hidden_layer_are_named_by_their_position()
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named("deep-batchnorm") with { Hidden = [20] }, vocabulary: 27);
        Assert.That(network.Tensors.Select(tensor => tensor.Name), Is.Unique.And.Contains("layers.1.gamma").And.Contains("layers.4.gamma"));
    }

    [Test]
    public void With_two_hidden_layers_tensors_are_named_by_their_position()
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named("backprop") with { Hidden = [20, 10] }, vocabulary: 27);
        Assert.That(Described(network), Is.EquivalentTo(new[]
        {
            "C [27,10]", "layers.0.weight [30,20]", "layers.0.bias [20]", "layers.1.gamma [20]", "layers.1.beta [20]",
            "layers.1.running_mean [20]", "layers.1.running_var [20]",
            "layers.3.weight [20,10]", "layers.3.bias [10]", "layers.4.gamma [10]", "layers.4.beta [10]",
            "layers.4.running_mean [10]", "layers.4.running_var [10]",
            "layers.6.weight [10,27]", "layers.6.bias [27]",
        }));
    }

    [Test]
    public void Without_normalization_only_linear_layers_and_activations_count()
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [20, 10], Normalization = null };
        using var network = new Mlp(Accelerators.Cpu, recipe, vocabulary: 27);
        Assert.That(
            Described(network),
            Is.EquivalentTo(new[]
            {
                "C [27,10]", "layers.0.weight [30,20]", "layers.2.weight [20,10]", "layers.4.weight [10,27]", "layers.4.bias [27]",
            }));
    }

    // Scales of C, W1, b1, W2 and b2; the hidden layers' gain over √30 = 5.477.
    [TestCase("naive", 1, 1, 1, 1, 1)]
    [TestCase("small-logits", 1, 1, 1, 0.01, 0)]
    [TestCase("scaled-hidden", 1, 0.2, 0.01, 0.01, 0)]
    [TestCase("kaiming", 1, 0.30429030972509225, 0.01, 0.01, 0)]
    public void The_first_recipes_draw_the_same_numbers_at_other_scales(string recipe, params double[] scales)
    {
        using Mlp network = Networks.Drawn(Accelerators.Cpu, Recipe.Named(recipe));
        var generator = new TorchGenerator(Seeds.LectureSeed);
        using (Assert.EnterMultipleScope())
        {
            foreach ((Tensor tensor, double scale) in network.Parameters.Tensors.Zip(scales))
            {
                Assert.That(
                    tensor.ToArray(),
                    Is.EqualTo(Array.ConvertAll(generator.RandN(tensor.Length), value => value * (float)scale)), tensor.Name);
            }
        }
    }

    [TestCase("deep-linear", 1, 0.1)]
    [TestCase("deep-tanh", 5.0 / 3, 0.1)]
    [TestCase("deep-batchnorm", 1, 1)]
    public void Deep_recipes_draw_numbers_for_the_table_and_the_weights_alone(string recipe, double gain, double lastGain)
    {
        using Mlp network = Networks.Drawn(Accelerators.Cpu, Recipe.Named(recipe));
        var generator = new TorchGenerator(Seeds.LectureSeed);
        Dictionary<string, float[]> values = Networks.Values(network);
        int step = network.Layers.Count / 5;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values["C"], Is.EqualTo(generator.RandN(270)));
            for (int i = 0; i < 6; i++)
            {
                float scale = (float)((i == 5 ? lastGain : gain) / Math.Sqrt(i == 0 ? 30 : 100));
                float[] drawn = generator.RandN(values[$"layers.{i * step}.weight"].Length);
                Assert.That(
                    values[$"layers.{i * step}.weight"], Is.EqualTo(Array.ConvertAll(drawn, value => value * scale)), $"weight {i}");
            }
            Assert.That(Named("bias").Concat(Named("beta")).Concat(Named("running_mean")), Has.All.All.Zero);
            Assert.That(Named("running_var"), Has.All.All.EqualTo(1f));
            Assert.That(Named("gamma").SkipLast(1), Has.All.All.EqualTo(1f));
            Assert.That(Named("gamma").TakeLast(1), Has.All.All.EqualTo(0.1f));
        }

        IEnumerable<float[]> Named(string ending) =>
            values.Where(pair => pair.Key.EndsWith("." + ending, StringComparison.Ordinal)).Select(pair => pair.Value);
    }

    [Test]
    public void Normalizations_are_drawn_after_the_linear_layers_by_a_generator_of_their_own_or_not([Values(5ul, null)] ulong? ownSeed)
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named("backprop") with { Hidden = [20, 10] }, vocabulary: 27);
        TorchGenerator batches = network.Draw(new Seeds(Seeds.LectureSeed, ownSeed));
        var generator = new TorchGenerator(Seeds.LectureSeed);
        TorchGenerator own = ownSeed is { } seed ? new TorchGenerator(seed) : generator;
        (string Name, double Scale, float Offset)[] order =
        [
            ("C", 1, 0),
            ("layers.0.weight", 5.0 / 3 / Math.Sqrt(30), 0), ("layers.0.bias", 0.1, 0),
            ("layers.3.weight", 5.0 / 3 / Math.Sqrt(20), 0), ("layers.3.bias", 0.1, 0),
            ("layers.6.weight", 0.1, 0), ("layers.6.bias", 0.1, 0),
            ("layers.1.gamma", 0.1, 1), ("layers.1.beta", 0.1, 0),
            ("layers.4.gamma", 0.1, 1), ("layers.4.beta", 0.1, 0),
        ];
        using (Assert.EnterMultipleScope())
        {
            foreach ((string name, double scale, float offset) in order)
            {
                Tensor tensor = network.Parameters.Tensors.Single(tensor => tensor.Name == name);
                float[] expected = Array.ConvertAll(
                    (name.Contains(".gamma") || name.Contains(".beta") ? own : generator).RandN(tensor.Length),
                    value => (value * (float)scale) + offset);
                Assert.That(tensor.ToArray(), Is.EqualTo(expected), name);
            }
            Assert.That(batches.RandN(16), Is.EqualTo(generator.RandN(16)), "the batches");
            Assert.That(network.Statistics.Tensors[0].ToArray(), Is.All.Zero, "the running mean");
            Assert.That(network.Statistics.Tensors[1].ToArray(), Is.All.EqualTo(1f), "the running variance");
        }
    }

    // Recipe batchnorm draws b2 and multiplies it by 0, and draws nothing for gain and bias.
    [Test]
    public void A_tensor_times_0_consumes_its_numbers_and_a_constant_none()
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named("batchnorm"), vocabulary: 27);
        TorchGenerator generator = network.Draw(Seeds.Lecture);
        var other = new TorchGenerator(Seeds.LectureSeed);
        foreach (int count in new[] { 27 * 10, 30 * 200, 200 * 27, 27 })
        {
            other.RandN(count);
        }
        Dictionary<string, float[]> values = Networks.Values(network);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(values["b2"], Is.All.Zero);
            Assert.That(values["bngain"], Is.All.EqualTo(1f));
            Assert.That(values["bnbias"], Is.All.Zero);
            Assert.That(generator.RandN(16), Is.EqualTo(other.RandN(16)));
        }
    }

    static string[] DeepShapes => ["30,100", "100,100", "100,100", "100,100", "100,100", "100,27"];

    static string Outputs(int layer) => DeepShapes[layer].Split(',')[1];

    static void AssertTensors(string recipe, params string[] expected)
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named(recipe), vocabulary: 27);
        Assert.That(Described(network), Is.EquivalentTo(expected));
    }

    static IEnumerable<string> Described(Mlp network) =>
        network.Tensors.Select(tensor => $"{tensor.Name} [{string.Join(',', tensor.Shape)}]");
}
