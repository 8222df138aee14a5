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

    // Of each seed, the same bits as alone.
    [TestCase("layered")]
    [TestCase("fused")]
    public void Several_seeds_are_the_runs_of_each_with_their_mean_and_deviation(string strategy)
    {
        string[] call = [.. Call(), "--json", "--strategy", strategy];
        JsonElement[][] alone = [.. new[] { "7", "8", "9" }.Select(seed => Each(Succeed([.. call, "--seed", seed]).Json))];
        JsonElement[] together = Each(Succeed([.. call, "--seed", "7", "--seeds", "3"]).Json);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(together.Select(recipe => recipe.GetProperty("name").GetString()), Is.EqualTo(Recipes));
            for (int i = 0; i < together.Length; i++)
            {
                JsonElement[] runs = [.. together[i].GetProperty("runs").EnumerateArray()];
                Assert.That(runs.Select(run => run.GetProperty("seed").GetUInt64()), Is.EqualTo(new ulong[] { 7, 8, 9 }));
                foreach (string property in new[] { "first_loss", "losses", "diverged_at" })
                {
                    Assert.That(
                        runs.Select(run => run.GetProperty(property).GetRawText()),
                        Is.EqualTo(alone.Select(recipes => recipes[i].GetProperty(property).GetRawText())), $"{Recipes[i]} {property}");
                }
                double[] dev = [.. runs.Select(run => run.GetProperty("losses").GetProperty("dev").GetDouble())];
                double mean = dev.Average();
                JsonElement spread = together[i].GetProperty("dev");
                Assert.That(spread.GetProperty("mean").GetDouble(), Is.EqualTo(mean).Within(1e-12));
                Assert.That(
                    spread.GetProperty("deviation").GetDouble(),
                    Is.EqualTo(Math.Sqrt(dev.Sum(loss => (loss - mean) * (loss - mean)) / 2)).Within(1e-12));
                Assert.That(together[i].GetProperty("diverged").GetInt32(), Is.Zero);
            }
        }

        static JsonElement[] Each(JsonElement json) => [.. json.GetProperty("recipes").EnumerateArray()];
    }

    [Test]
    public void The_table_of_several_seeds_shows_how_far_they_differ()
    {
        Outcome outcome = Succeed([.. Call(), "--seeds", "2"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines, Has.One.Match("recipe +parameters +first loss +train +dev +diverged"));
            foreach (string recipe in Recipes)
            {
                Assert.That(
                    outcome.OutputLines,
                    Has.One.Match($@"^ +{recipe} +\d+,\d\d\d +\d+\.\d{{4}} +\d+\.\d{{4}} ± \d+\.\d{{4}} +\d+\.\d{{4}} ± \d+\.\d{{4}}"),
                    recipe);
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
    [TestCase("--seeds", "0")]
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
