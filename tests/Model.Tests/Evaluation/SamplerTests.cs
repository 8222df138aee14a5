using System.Text;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Random;
using Makemore.Gpu.Model.Recipes;
using MathNet.Numerics.LinearAlgebra;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

[TestFixtureSource(typeof(Forms), nameof(Forms.Evaluation))]
sealed class SamplerTests(string accelerator, string strategyName, FusedForm form)
{
    readonly Strategy strategy = new(strategyName, Form: form);

    // Logits far from each other, as after training.
    static readonly Recipe Recipe = Recipe.Named("backprop") with { Hidden = [20], OutputWeight = new Draw(0.5), OutputBias = new Draw(1) };

    Mlp network = null!;
    Sampler sampler = null!;

    static Vocabulary Vocabulary => TestData.Embedded.Vocabulary;

    [OneTimeSetUp]
    public void Draw()
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        network = Networks.WithStatistics(kernels, Recipe);
        sampler = new Sampler(kernels, network, Vocabulary, strategy);
    }

    [OneTimeTearDown]
    public void Dispose() => network.Dispose();

    // Computed in double without kernels, the names are the same for every accelerator.
    [TestCase(1.0, "")]
    [TestCase(0.5, "")]
    [TestCase(2.0, "")]
    [TestCase(1.0, "ma")]
    [TestCase(0.7, "alexander")]
    public void Names_are_those_of_the_references_probabilities(double temperature, string prompt)
    {
        string[] names = [.. sampler.Sample(5, seed: 11, temperature, prompt)];
        Assert.That(names, Is.EqualTo(Expected(5, seed: 11, temperature, prompt)));
    }

    [Test]
    public void The_same_seed_gives_the_same_names_and_another_others()
    {
        string[] names = [.. sampler.Sample(10, seed: 1)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(sampler.Sample(10, seed: 1), Is.EqualTo(names));
            Assert.That(sampler.Sample(10, seed: 2), Is.Not.EqualTo(names));
            Assert.That(sampler.Sample(10), Is.EqualTo(sampler.Sample(10, Sampler.LectureSeed)));
        }
    }

    [Test]
    public void More_names_begin_with_the_same_ones() =>
        Assert.That(sampler.Sample(6, seed: 1).Take(3), Is.EqualTo(sampler.Sample(3, seed: 1)));

    [Test]
    public void A_low_temperature_gives_the_likeliest_name_each_time() =>
        Assert.That(sampler.Sample(3, seed: 1, temperature: 1e-3, prompt: "ann").Distinct().ToArray(), Has.Length.EqualTo(1));

    [Test]
    public void Every_name_begins_with_the_prompt_and_has_characters_of_the_vocabulary()
    {
        string[] names = [.. sampler.Sample(20, seed: 1, prompt: "jo")];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(names, Has.Length.EqualTo(20).And.All.StartsWith("jo"));
            Assert.That(names.SelectMany(name => name).Select(letter => letter.ToString()).Except(Vocabulary.Tokens.Skip(1)), Is.Empty);
        }
    }

    [TestCase("jö", "'ö'")]
    [TestCase("j.", "'.'")]
    public void A_prompt_with_an_unknown_character_is_refused(string prompt, string character) =>
        Assert.That(Refusal.Of(() => _ = sampler.Sample(1, prompt: prompt).ToArray()), Does.Contain(character));

    [Test]
    public void No_names_are_no_names() => Assert.That(sampler.Sample(0), Is.Empty);

    [Test]
    public void A_name_that_does_not_end_is_cut()
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        using Mlp endless = Networks.Drawn(kernels, Recipe with { Hidden = [1] });
        Tensor bias = endless.Parameters.Tensors.Single(tensor => tensor.Name == "b2");
        bias.Set([-1000f, .. bias.ToArray()[1..]]);
        var endlessSampler = new Sampler(kernels, endless, Vocabulary, strategy);
        Assert.That(endlessSampler.Sample(1).Single(), Has.Length.EqualTo(NamesFile.LongestName));
    }

    string[] Expected(int count, ulong seed, double temperature, string prompt)
    {
        var reference = new ReferenceNetwork(network);
        var generator = new TorchGenerator(seed);
        var names = new string[count];
        for (int i = 0; i < count; i++)
        {
            var name = new StringBuilder(prompt);
            List<int> tokens = [0, 0, 0, .. Vocabulary.Encode(prompt)];
            while (true)
            {
                Vector<double> logits = reference.Forward([.. tokens.TakeLast(3)], Pass.Evaluation)[^1].Row(0);
                Vector<double> weights = ((logits - logits.Maximum()) / temperature).PointwiseExp();
                int token = generator.Multinomial([.. (weights / weights.Sum()).Select(weight => (float)weight)]);
                if (token == 0)
                {
                    break;
                }
                name.Append(Vocabulary.Tokens[token]);
                tokens.Add(token);
            }
            names[i] = name.ToString();
        }
        return names;
    }
}
