using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>All recipes beside each other.</summary>
sealed class RecipesCommandTests : CommandTests
{
    [Test]
    public void Each_recipe_is_a_row_of_numbers_and_a_line_that_teaches()
    {
        Outcome outcome = Succeed(Call());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines, Has.One.Match("recipe +parameters +first loss +train +dev"));
            Assert.That(outcome.OutputLines, Has.One.EqualTo("After 5 steps"));
            Assert.That(
                outcome.OutputLines,
                Has.One.Contains($"= {Math.Log(SmallNames.Vocabulary.Length).ToString("F4", CultureInfo.InvariantCulture)}"));
            foreach (string recipe in Recipes)
            {
                Assert.That(
                    outcome.OutputLines, Has.One.Match($@"^ +{recipe} +\d+,\d\d\d +\d+\.\d{{4}} +\d+\.\d{{4}} +\d+\.\d{{4}} *$"), recipe);
                Assert.That(outcome.OutputLines, Has.One.Match($@"^ +{recipe} +[^\d ].{{40,}}$"), recipe);
            }
        }
    }

    [Test]
    public void Json_holds_the_same_in_the_order_in_which_they_teach()
    {
        Outcome outcome = Succeed([.. Call(), "--json"]);
        JsonElement json = outcome.Json;
        JsonElement[] recipes = [.. json.GetProperty("recipes").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.GetProperty("steps").GetInt32(), Is.EqualTo(5));
            Assert.That(json.GetProperty("uniform_loss").GetDouble(), Is.EqualTo(Math.Log(SmallNames.Vocabulary.Length)));
            Assert.That(json.GetProperty("accelerator").GetString(), Is.EqualTo("cpu:0"));
            Assert.That(recipes.Select(recipe => recipe.GetProperty("name").GetString()), Is.EqualTo(Recipes));
            foreach (JsonElement recipe in recipes)
            {
                Assert.That(
                    recipe.EnumerateObject().Select(property => property.Name),
                    Is.EqualTo(new[] { "name", "teaches", "strategy", "parameters", "first_loss", "losses", "diverged_at" }));
                Assert.That(recipe.GetProperty("diverged_at").ValueKind, Is.EqualTo(JsonValueKind.Null));
                Assert.That(recipe.GetProperty("losses").EnumerateObject().Select(loss => loss.Name), Is.EqualTo(new[] { "train", "dev" }));
            }
            Assert.That(outcome.ErrorLines, Has.Some.Contains("deep-batchnorm"));
        }
    }

    // The numbers are those of the command train.
    [TestCase("layered", "kaiming")]
    [TestCase("fused", "backprop")]
    public void A_recipes_losses_are_those_of_its_training(string strategy, string recipe)
    {
        JsonElement run = Succeed([.. Call(), "--json", "--strategy", strategy, "--seed", "9"]).Json.GetProperty("recipes").EnumerateArray()
            .Single(item => item.GetProperty("name").GetString() == recipe);
        string[] call =
            ["train", "--data", SmallNames.FileName, "--accelerator", "cpu", "--recipe", recipe, "--strategy", strategy, "--run", "run"];
        JsonElement training = Succeed([.. call, "--steps", "5", "--drop-at", "5", "--seed", "9", "--json"]).Json;
        using JsonDocument first = JsonDocument.Parse(File.ReadLines(Path.Combine("run", "metrics.jsonl")).First());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(run.GetProperty("strategy").GetString(), Is.EqualTo(strategy));
            Assert.That(run.GetProperty("first_loss").GetRawText(), Is.EqualTo(first.RootElement.GetProperty("loss").GetRawText()));
            foreach (string split in new[] { "train", "dev" })
            {
                Assert.That(
                    run.GetProperty("losses").GetProperty(split).GetRawText(),
                    Is.EqualTo(training.GetProperty("losses").GetProperty(split).GetRawText()));
            }
        }
    }

    [Test]
    public void It_writes_no_files()
    {
        SmallNames.Write();
        string[] before = Listing();
        Succeed(Call());
        Assert.That(Listing(), Is.EqualTo(before));
    }

    [TestCase("--steps", "0")]
    [TestCase("--steps", "few")]
    [TestCase("--seed", "-1")]
    [TestCase("--strategy", "fastest")]
    [TestCase("--accelerator", "cpu:7")]
    [TestCase("--data", "nowhere.txt")]
    public void What_cannot_be_is_refused(string option, string value)
    {
        string[] others = option switch
        {
            "--data" => [],
            _ => ["--data", SmallNames.Write()],
        };
        Refuse(["recipes", .. others, option, value], value);
    }

    [Test]
    public void It_can_be_stopped()
    {
        using var output = new StringWriter();
        Outcome outcome = Run(output, new CancellationToken(canceled: true), Call());
        outcome.AssertFailed(Interrupted);
        Assert.That(outcome.Output, Does.Not.Contain("naive"));
    }

    static string[] Call() => ["recipes", "--data", SmallNames.Write(), "--accelerator", "cpu", "--steps", "5"];
}
