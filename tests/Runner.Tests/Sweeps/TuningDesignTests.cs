using System.Globalization;
using Makemore.Gpu.Model.Recipes;
using Makemore.Gpu.Runner.Options;
using Makemore.Gpu.Runner.Sweeps;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>The settings that tuning tries.</summary>
sealed class TuningDesignTests
{
    const int Vocabulary = 27;

    [Test]
    public void What_is_tuned_are_options_of_a_network() =>
        Assert.That(TuningDesign.Names, Is.SubsetOf(NetworkOptions.All.Select(Variation.NameOf)));

    [Test]
    public void The_settings_of_the_call_come_first_and_the_others_lie_around_them([Values("batchnorm", "deep-tanh")] string name)
    {
        var recipe = Recipe.Named(name);
        IReadOnlyList<IReadOnlyList<Setting>> all = TuningDesign.Of(recipe, Vocabulary, []);
        Recipe[] recipes = [.. all.Select(settings => Resolve(name, settings))];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(all, Has.Count.EqualTo(32));
            Assert.That(all[0], Is.Empty);
            Assert.That(recipes.Select(tried => tried.LearningRate), Has.All.InRange(0.04, 0.25));
            Assert.That(recipes.Select(tried => tried.LearningRate).Distinct().Count(), Is.GreaterThan(25));
            Assert.That(recipes.Count(tried => tried.LearningRate > 0.1), Is.InRange(12, 20));
            Assert.That(recipes.Select(tried => tried.Embedding), Has.All.InRange(8, 20));
            Assert.That(recipes.Select(tried => tried.Hidden.Count).Distinct(), Is.EqualTo(new[] { recipe.Hidden.Count }));
            Assert.That(
                recipes.SelectMany(tried => tried.Hidden), Has.All.InRange(recipe.Hidden[0] / 2 - 4, 3 * recipe.Hidden[0] / 2 + 4));
            Assert.That(recipes.Count(tried => tried.L2.Count == 0), Is.EqualTo(16));
            Assert.That(recipes.SelectMany(tried => tried.L2.Values), Has.All.InRange(1, 4));
            Assert.That(
                recipes[4].L2.Keys,
                Is.EquivalentTo(name == "batchnorm"
                    ? new[] { "W1", "W2" }
                    : [.. Enumerable.Range(0, 6).Select(i => $"layers.{2 * i}.weight")]));
        }
    }

    // Networks of one shape are trained at once.
    [Test]
    public void They_have_few_shapes() => Assert.That(
        TuningDesign.Of(Recipe.Default, Vocabulary, []).Select(settings => Resolve("batchnorm", settings))
            .Select(recipe => (recipe.Hidden[0], recipe.Embedding, recipe.L2.Count)).Distinct().Count(),
        Is.EqualTo(8));

    [Test]
    public void What_the_call_gives_is_not_tuned([Values("learning-rate", "hidden", "embedding", "l2")] string name)
    {
        IReadOnlyList<IReadOnlyList<Setting>> all = TuningDesign.Of(Recipe.Default, Vocabulary, [name]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(all.SelectMany(settings => settings).Select(setting => setting.Name), Has.None.EqualTo(name));
            Assert.That(all.Select(settings => string.Join('\n', settings)), Is.Unique);
            Assert.That(all, Has.Count.GreaterThan(15));
        }
    }

    [Test]
    public void Widths_can_be_parted_into_groups()
    {
        Recipe recipe = Recipe.Default with
        {
            Normalization = Normalization.Default.OfExamples(NormalizationKind.Group, groups: 25),
        };
        Assert.That(
            TuningDesign.Of(recipe, Vocabulary, []).SelectMany(settings => settings).Where(setting => setting.Name == "hidden")
                .Select(setting => int.Parse(setting.Value, CultureInfo.InvariantCulture) % 25),
            Is.Not.Empty.And.All.Zero);
    }

    static Recipe Resolve(string recipe, IReadOnlyList<Setting> settings) =>
        NetworkOptions.ResolveRecipe(new NetworkCall([new Setting("recipe", recipe)], settings).Parse());
}
