using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class ScoreCommandTests : CommandTests
{
    [Test]
    public void As_JSON_no_more_than_ten_million_characters_are_scored()
    {
        string name = string.Concat(Enumerable.Repeat("anna", 250));
        string[] names = [.. Enumerable.Repeat(name, 10_001)];
        Refuse(["score", "--model", TrainedModel.Write(), "--json", .. names], "10,001,000", "10,000,000", "--json");
    }

    [Test]
    public void Each_name_has_a_line_with_its_mean_its_sum_its_split_and_what_was_least_expected()
    {
        string[] lines = Score("anna", "xarl").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Length.EqualTo(5));
            Assert.That(lines[2], Does.Match(@"^name +mean +total +known +least expected"));
            Assert.That(lines[3], Does.Match(@"^anna +-\d\.\d{4} +-\d+\.\d{4}  (train|dev|test) "));
            Assert.That(lines[3], Does.Match(@" \S+ \(\d\) <?\d+\.\d\d%, \S+ \(\d\) <?\d+\.\d\d%$"));
            Assert.That(lines[4], Does.Match(@"^xarl +-\d\.\d{4} +-\d+\.\d{4}  new "));
        }
    }

    [Test]
    public void Json_holds_the_logarithm_of_each_characters_probability()
    {
        JsonElement json = Score("anna", "xarl", "--json").Json;
        JsonElement[] scores = [.. json.GetProperty("scores").EnumerateArray()];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(scores.Select(score => score.GetProperty("name").GetString()), Is.EqualTo(new[] { "anna", "xarl" }));
            Assert.That(scores[0].GetProperty("known").GetString(), Is.AnyOf("train", "dev", "test"));
            Assert.That(scores[1].GetProperty("known").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(json.GetProperty("is_known_told").GetBoolean(), Is.True);
            foreach (JsonElement score in scores)
            {
                JsonElement[] characters = [.. score.GetProperty("characters").EnumerateArray()];
                double total = characters.Sum(character => character.GetProperty("log_probability").GetDouble());
                Assert.That(
                    string.Concat(characters.Select(character => character.GetProperty("character").GetString())),
                    Is.EqualTo(score.GetProperty("name").GetString() + "."));
                Assert.That(score.GetProperty("log_probability").GetDouble(), Is.EqualTo(total).Within(1e-12));
                Assert.That(score.GetProperty("mean_log_probability").GetDouble(), Is.EqualTo(total / 5).Within(1e-12));
            }
        }
    }

    [Test]
    public void The_scores_of_the_names_of_a_split_have_its_loss_as_their_mean()
    {
        string model = TrainedModel.Write();
        JsonElement losses = Succeed("evaluate", "--model", model, "--data", SmallNames.Write(), "--accelerator", "cpu", "--json").Json
            .GetProperty("losses");
        JsonElement[] scores = [.. Score([.. SmallNames.All, "--json"]).Json.GetProperty("scores").EnumerateArray()];
        foreach (string split in new[] { "train", "dev", "test" })
        {
            double[] characters =
            [
                .. scores.Where(score => score.GetProperty("known").GetString() == split)
                    .SelectMany(score => score.GetProperty("characters").EnumerateArray())
                    .Select(character => character.GetProperty("log_probability").GetDouble()),
            ];
            Assert.That(-characters.Average(), Is.EqualTo(losses.GetProperty(split).GetDouble()).Within(1e-6), split);
        }
    }

    [Test]
    public void Names_are_read_from_standard_input_where_none_is_given()
    {
        string[] call = ["score", "--model", TrainedModel.Write(), "--accelerator", "cpu"];
        using var process = new MakemoreProcess(call, input: "anna\r\n\nzoe\n"u8.ToArray());
        Outcome outcome = process.End();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines, Is.EqualTo(Score("anna", "zoe").OutputLines));
        }
    }

    [Test]
    public void Standard_input_without_a_name_is_refused()
    {
        string[] call = ["score", "--model", TrainedModel.Write(), "--accelerator", "cpu"];
        using var process = new MakemoreProcess(call, input: "\n"u8.ToArray());
        process.End().AssertFailed(WrongCall, "standard input", "no names");
    }

    [Test]
    public void A_name_with_a_character_that_the_model_does_not_know_is_refused_before_any_is_scored()
    {
        Outcome outcome = Run("score", "anna", "anna-q", "--model", TrainedModel.Write());
        outcome.AssertFailed(WrongCall, "'-'", "anna-q");
        Assert.That(outcome.Output, Is.Empty);
    }

    [Test]
    public void A_model_that_does_not_hold_its_names_scores_without_telling_which_are_new()
    {
        string model = TensorFile.WithoutNames("old.safetensors", TrainedModel.Write());
        Outcome outcome = Succeed("score", "anna", "--model", model, "--accelerator", "cpu");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ErrorLines, Has.Length.EqualTo(1));
            Assert.That(outcome.OutputLines[^1], Does.StartWith("anna").And.Not.Match("train|dev|test|new"));
        }
    }

    static Outcome Score(params string[] args) => Succeed(["score", "--model", TrainedModel.Write(), "--accelerator", "cpu", .. args]);
}
