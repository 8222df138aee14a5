using Makemore.Gpu.Kernels.Normalization;
using Makemore.Gpu.Model.Recipes;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests.Recipes;

sealed class RecipeTests
{
    [Test]
    public void The_recipes_come_in_the_order_in_which_they_teach() =>
        Assert.That(
            Recipe.All.Select(recipe => recipe.Name),
            Is.EqualTo(new[]
            {
                "naive", "small-logits", "scaled-hidden", "kaiming", "batchnorm", "backprop", "deep-linear", "deep-tanh", "deep-batchnorm",
            }));

    [Test]
    public void The_default_is_the_network_of_the_lecture_on_batchnorm() => Assert.That(Recipe.Default.Name, Is.EqualTo("batchnorm"));

    [Test]
    public void Each_recipe_says_in_a_line_of_its_own_what_it_teaches()
    {
        Assert.That(Recipe.All.Select(recipe => recipe.Summary), Is.Unique);
        Assert.That(Recipe.All.Select(recipe => recipe.Summary), Has.All.Match("^[^\n]{40,160}$"));
    }

    [Test]
    public void Names_are_unique_and_each_finds_its_recipe()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Recipe.All.Select(recipe => recipe.Name), Is.Unique);
            Assert.That(Recipe.All.Select(recipe => Recipe.Named(recipe.Name)), Is.EqualTo(Recipe.All));
            Assert.That(Recipe.Named("BackProp").Name, Is.EqualTo("backprop"));
        }
    }

    [TestCase("lstm")]
    [TestCase("")]
    public void An_unknown_recipe_is_refused_with_those_that_there_are(string name)
    {
        string message = Refusal.Of(() => Recipe.Named(name));
        Assert.That(Recipe.All.Select(recipe => recipe.Name).Where(known => !message.Contains(known, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Weights_by_fan_in_are_divided_by_its_root()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(new Draw(5.0 / 3, ByFanIn: true).ScaleFor(30), Is.EqualTo((float)(5.0 / 3 / Math.Sqrt(30))));
            Assert.That(new Draw(0.1).ScaleFor(30), Is.EqualTo(0.1f));
        }
    }

    [Test]
    public void The_scale_of_the_logits_is_that_of_the_last_weights()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Recipe.Named("naive").WithOutputScale(0.5), Is.EqualTo(Recipe.Named("naive") with { OutputWeight = new Draw(0.5) }));
            Assert.That(
                Recipe.Named("deep-tanh").WithOutputScale(0.5),
                Is.EqualTo(Recipe.Named("deep-tanh") with { OutputWeight = new Draw(0.5, ByFanIn: true) }));
        }
    }

    [Test]
    public void The_scale_of_normalized_logits_is_the_normalizations_gain() =>
        Assert.That(
            Recipe.Named("deep-batchnorm").WithOutputScale(0.5),
            Is.EqualTo(Recipe.Named("deep-batchnorm") with { OutputGain = Draw.Constant(0.5) }));

    [Test]
    public void The_recipes_normalize_as_their_lectures_do()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Recipe.Named("batchnorm").Normalization!.Constants,
                Is.EqualTo(new BatchNormConstants(0f, 0.001f, RunningStatistic.StandardDeviation)));
            Assert.That(
                Recipe.Named("backprop").Normalization!.Constants,
                Is.EqualTo(new BatchNormConstants(1e-5f, 0.001f, RunningStatistic.Variance)));
            Assert.That(Recipe.Named("batchnorm").Normalization!.Evaluation, Is.EqualTo(EvaluationStatistics.Running));
            Assert.That(Recipe.Named("backprop").Normalization!.Evaluation, Is.EqualTo(EvaluationStatistics.Calibrated));
        }
    }
}
