using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

sealed class MlpTests
{
    [TestCase("batchnorm", 12_097)]
    [TestCase("backprop", 12_297)]
    public void Parameters_are_as_many_as_in_the_lectures(string recipe, int count)
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named(recipe), vocabulary: 27);
        Assert.That(network.ParameterCount, Is.EqualTo(count));
    }

    [TestCase("batchnorm", "bnstd_running [200]")]
    [TestCase("backprop", "b1 [200]", "bnvar_running [200]")]
    public void Tensors_have_the_lectures_names_and_shapes(string recipe, params string[] own)
    {
        string[] common = ["C [27,10]", "W1 [30,200]", "bngain [200]", "bnbias [200]", "W2 [200,27]", "b2 [27]", "bnmean_running [200]"];
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named(recipe), vocabulary: 27);
        Assert.That(Described(network), Is.EquivalentTo(common.Concat(own)));
    }

    [Test]
    public void With_two_hidden_layers_tensors_are_named_by_their_place()
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
    public void Without_normalisation_only_linear_layers_and_activations_count()
    {
        Recipe recipe = Recipe.Named("batchnorm") with { Hidden = [20, 10], Normalisation = null };
        using var network = new Mlp(Accelerators.Cpu, recipe, vocabulary: 27);
        Assert.That(
            Described(network),
            Is.EquivalentTo(new[]
            {
                "C [27,10]", "layers.0.weight [30,20]", "layers.2.weight [20,10]", "layers.4.weight [10,27]", "layers.4.bias [27]",
            }));
    }

    [Test]
    public void Numbers_are_drawn_for_the_table_the_linear_layers_and_then_the_normalisations()
    {
        using Mlp network = Networks.Drawn(Accelerators.Cpu, Recipe.Named("backprop") with { Hidden = [20, 10] });
        var generator = new TorchGenerator(Configuration.LectureSeed);
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
                float[] expected = Array.ConvertAll(generator.RandN(tensor.Length), value => (value * (float)scale) + offset);
                Assert.That(tensor.ToArray(), Is.EqualTo(expected), name);
            }
            Assert.That(network.Statistics.Tensors[0].ToArray(), Is.All.Zero, "the running mean");
            Assert.That(network.Statistics.Tensors[1].ToArray(), Is.All.EqualTo(1f), "the running variance");
        }
    }

    // Recipe batchnorm draws b2 and multiplies it by 0, and draws nothing for gain and bias.
    [Test]
    public void A_tensor_times_0_consumes_its_numbers_and_a_constant_none()
    {
        using var network = new Mlp(Accelerators.Cpu, Recipe.Named("batchnorm"), vocabulary: 27);
        var generator = new TorchGenerator(Configuration.LectureSeed);
        network.Draw(generator);
        var other = new TorchGenerator(Configuration.LectureSeed);
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

    static IEnumerable<string> Described(Mlp network) =>
        network.Tensors.Select(tensor => $"{tensor.Name} [{string.Join(',', tensor.Shape)}]");
}
