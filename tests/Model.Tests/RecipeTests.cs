using Makemore.Gpu.Kernels.Operations;
using NUnit.Framework;

namespace Makemore.Gpu.Model.Tests;

sealed class RecipeTests
{
    [Test]
    public void The_default_comes_first() => Assert.That(Recipe.All[0].Name, Is.EqualTo("batchnorm"));

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
    public void The_recipes_normalise_as_their_lectures_do()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Recipe.Named("batchnorm").Normalisation!.Constants,
                Is.EqualTo(new BatchNormConstants(0f, 0.001f, RunningSpread.StandardDeviation)));
            Assert.That(
                Recipe.Named("backprop").Normalisation!.Constants,
                Is.EqualTo(new BatchNormConstants(1e-5f, 0.001f, RunningSpread.Variance)));
            Assert.That(Recipe.Named("batchnorm").Normalisation!.Evaluation, Is.EqualTo(EvaluationStatistics.Running));
            Assert.That(Recipe.Named("backprop").Normalisation!.Evaluation, Is.EqualTo(EvaluationStatistics.Calibrated));
        }
    }
}
