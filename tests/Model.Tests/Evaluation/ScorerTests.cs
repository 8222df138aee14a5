using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Tensors;
using Makemore.Gpu.Model.Checking;
using Makemore.Gpu.Model.Data;
using Makemore.Gpu.Model.Evaluation;
using Makemore.Gpu.Model.Execution;
using Makemore.Gpu.Model.Network;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Evaluation;

[TestFixtureSource(typeof(Forms), nameof(Forms.Evaluation))]
sealed class ScorerTests(string accelerator, string strategyName, FusedForm form)
{
    Mlp network = null!;
    Scorer scorer = null!;

    static Vocabulary Vocabulary => TestData.Embedded.Vocabulary;

    [OneTimeSetUp]
    public void Draw()
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        network = Networks.WithStatistics(kernels, Recipe.Named("backprop") with { Hidden = [20], OutputWeight = new Draw(0.5) });
        scorer = new Scorer(kernels, network, Vocabulary, new Strategy(strategyName, Form: form));
    }

    [OneTimeTearDown]
    public void Dispose() => network.Dispose();

    [Test]
    public void A_names_mean_is_the_references_loss_of_its_examples([Values("a", "anna", "maximilian", "")] string name)
    {
        NameScore score = scorer.Score([name]).Single();
        double loss = new ReferenceNetwork(network).Loss(Split.Of([name], network.Recipe.Context, Vocabulary));
        using (Assert.EnterMultipleScope())
        {
            Close.Assert("mean", [score.MeanLogProbability], [-loss], Tolerance.Forward);
            Close.Assert("total", [score.LogProbability], [-loss * (name.Length + 1)], Tolerance.Forward);
        }
    }

    [Test]
    public void Names_are_scored_in_their_order_each_with_its_characters_and_the_end()
    {
        string[] names = ["zoe", "", "anna", "", "zoe"];
        NameScore[] scores = [.. scorer.Score(names)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(scores.Select(score => score.Name), Is.EqualTo(names));
            Assert.That(
                scores.Select(score => string.Concat(score.Characters.Select(character => character.Character))),
                Is.EqualTo(names.Select(name => name + ".")));
            Assert.That(scores[4].Characters, Is.EqualTo(scores[0].Characters));
        }
    }

    [Test]
    public void The_probabilities_of_what_may_follow_sum_to_1()
    {
        IEnumerable<string> names = Vocabulary.Tokens.Skip(1).Select(character => $"an{character}").Append("an");
        Assert.That(scorer.Score(names).Sum(score => score.Characters[2].Probability), Is.EqualTo(1).Within(1e-5));
    }

    [Test]
    public void The_least_expected_characters_come_first()
    {
        NameScore score = scorer.Score(["annabella"]).Single();
        double[] least = [.. score.LeastExpected(3).Select(entry => entry.Character.LogProbability)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(least, Is.EqualTo(score.Characters.Select(character => character.LogProbability).Order().Take(3)));
            Assert.That(score.LeastExpected(3).Select(entry => score.Characters[entry.Position].LogProbability), Is.EqualTo(least));
        }
    }

    [Test]
    public void More_names_than_one_split_takes_are_scored_alike()
    {
        string[] names = [.. Enumerable.Repeat(new[] { "anna", "ben", "zoe" }, 3500).SelectMany(some => some)];
        double[] scores = [.. scorer.Score(names).Select(score => score.LogProbability)];
        Assert.That(scores, Is.EqualTo(Enumerable.Repeat(scores[..3], 3500).SelectMany(some => some)));
    }

    [Test]
    public void No_names_have_no_scores() => Assert.That(scorer.Score([]), Is.Empty);

    [Test]
    public void A_character_that_the_model_does_not_know_is_refused() =>
        Assert.That(Refusal.Of(() => _ = scorer.Score(["anna", "jö"]).ToArray()), Does.Contain("'ö'"));

    [Test]
    public void A_model_that_has_diverged_is_refused()
    {
        KernelSet kernels = Accelerators.Kernels(accelerator);
        using Mlp diverged = Networks.Drawn(kernels, Recipe.Named("backprop") with { Hidden = [1] });
        Tensor bias = diverged.Parameters.Tensors.Single(tensor => tensor.Name == "b2");
        bias.Set([float.NaN, .. bias.ToArray()[1..]]);
        var scorerOfDiverged = new Scorer(kernels, diverged, Vocabulary, new Strategy(strategyName, Form: form));
        Assert.That(Refusal.Of(() => _ = scorerOfDiverged.Score(["anna"]).ToArray()), Does.Contain("diverged"));
    }
}
