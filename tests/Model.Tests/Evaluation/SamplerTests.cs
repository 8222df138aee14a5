using System.Text;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tensors;
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
        Assert.That(names, Is.EqualTo(Expected(network, Vocabulary, 5, new() { Seed = 11, Temperature = temperature, Prompt = prompt })));
    }

    [TestCase(2, null)]
    [TestCase(4, null)]
    [TestCase(null, 0.5)]
    [TestCase(8, 0.9)]
    public void The_likeliest_characters_are_drawn_from_as_torch_would_from_the_others_without_probability(int? topK, double? topP)
    {
        var settings = new SamplingSettings { Seed = 11, TopK = topK, TopP = topP };
        Assert.That(sampler.Draw(settings).Take(5), Is.EqualTo(Expected(network, Vocabulary, 5, settings)));
    }

    // On both sides of the size from which on no siblings of a context are computed.
    [TestCase(128)]
    [TestCase(129)]
    [TestCase(500)]
    public void Names_of_a_large_vocabulary_are_those_of_the_references_probabilities(int count)
    {
        var vocabulary = Vocabulary.Parse("." + string.Concat(Enumerable.Range('一', count - 1).Select(character => (char)character)));
        KernelSet kernels = Accelerators.Kernels(accelerator);
        using Mlp large = Networks.WithStatistics(kernels, Recipe with { OutputWeight = new Draw(0.2) }, count);
        Tensor bias = large.Parameters.Tensors.Single(tensor => tensor.Name == "b2");
        // Names end after some characters.
        bias.Set([6f, .. bias.ToArray()[1..]]);
        var settings = new SamplingSettings { Seed = 3 };
        string[] names = [.. new Sampler(kernels, large, vocabulary, strategy).Draw(settings).Take(5)];
        Assert.That(names, Is.EqualTo(Expected(large, vocabulary, 5, settings)));
    }

    // So wide that a batch of evaluation has fewer examples than the vocabulary has tokens.
    [Test]
    public void A_very_wide_network_is_sampled_and_evaluated_alike_in_both_forms()
    {
        Recipe recipe = Recipe.Named("kaiming") with { Embedding = 60_000, Hidden = [2] };
        using Mlp network = Networks.Drawn(Accelerators.Cpu, recipe);
        Split split = TestData.Embedded.Dev.First(50);
        (string[], double) Of(Strategy strategy)
        {
            var sampler = new Sampler(Accelerators.Cpu, network, TestData.Embedded.Vocabulary, strategy);
            using var evaluator = new Evaluator(Accelerators.Cpu, network, strategy);
            return ([.. sampler.Sample(2)], evaluator.Loss(split));
        }
        ((string[] names, double loss), (string[] other, double otherLoss)) = (Of(Strategy.Layered), Of(Strategy.Fused));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(other, Is.EqualTo(names));
            Assert.That(otherLoss, Is.EqualTo(loss).Within(1e-4));
        }
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
        Assert.That((endlessSampler.Unended, sampler.Unended), Is.EqualTo((1, 0)));
    }

    static string[] Expected(Mlp network, Vocabulary vocabulary, int count, SamplingSettings settings)
    {
        var reference = new ReferenceNetwork(network);
        var generator = new TorchGenerator(settings.Seed);
        var names = new string[count];
        for (int i = 0; i < count; i++)
        {
            var name = new StringBuilder(settings.Prompt);
            List<int> tokens = [0, 0, 0, .. vocabulary.Encode(settings.Prompt)];
            while (true)
            {
                Vector<double> logits = reference.Forward([.. tokens.TakeLast(3)], Pass.Evaluation)[^1].Row(0);
                Vector<double> weights = ((logits - logits.Maximum()) / settings.Temperature).PointwiseExp();
                float[] probabilities = [.. (weights / weights.Sum()).Select(weight => (float)weight)];
                Truncation.Apply(probabilities, settings.TopK, settings.TopP);
                int token = generator.Multinomial(probabilities);
                if (token == 0)
                {
                    break;
                }
                name.Append(vocabulary.Tokens[token]);
                tokens.Add(token);
            }
            names[i] = name.ToString();
        }
        return names;
    }
}
