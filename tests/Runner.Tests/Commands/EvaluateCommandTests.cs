using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

sealed class EvaluateCommandTests : CommandTests
{
    static readonly string Model = Path.Combine("run", "model.safetensors");

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void The_losses_are_those_that_training_told(string recipe)
    {
        JsonElement losses = Train("--run", "run", "--recipe", recipe, "--json").Json.GetProperty("losses");
        Assert.That(Losses(Model).GetRawText(), Is.EqualTo(losses.GetRawText()));
    }

    [Test]
    public void Json_holds_the_losses_and_the_text_the_same()
    {
        string[] call = ["evaluate", "--model", TrainedModel.Write(), "--data", SmallNames.Write(), "--accelerator", "cpu"];
        JsonElement json = Succeed([.. call, "--json"]).Json;
        string[] text = Succeed(call).OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.EnumerateObject().Select(property => property.Name), Is.EqualTo(new[] { "losses", "loss_of_new_test_names" }));
            Assert.That(json.GetProperty("loss_of_new_test_names").ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(
                text.Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))),
                Is.EqualTo(json.GetProperty("losses").EnumerateObject().Select(
                    split => string.Create(CultureInfo.InvariantCulture, $"{split.Name} {split.Value.GetDouble():F4}"))));
            Assert.That(text.Select(line => line.Split(' ')[0]), Is.EqualTo(new[] { "train", "dev", "test" }));
        }
    }

    [Test]
    public void Where_test_names_stand_in_train_too_the_loss_of_the_new_ones_is_told()
    {
        string twice = Write("twice.txt", SmallNames.Text + string.Join('\n', SmallNames.All.Take(16)));
        string[] call = ["evaluate", "--model", TrainedModel.Write(), "--data", twice, "--accelerator", "cpu"];
        JsonElement json = Succeed([.. call, "--json"]).Json;
        double loss = json.GetProperty("loss_of_new_test_names").GetDouble();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(loss, Is.Not.EqualTo(json.GetProperty("losses").GetProperty("test").GetDouble()));
            Assert.That(
                Succeed(call).OutputLines[3..],
                Is.EqualTo(new[] { string.Create(CultureInfo.InvariantCulture, $"test, new names only  {loss:F4}") }));
        }
    }

    [Test]
    public void Folded_losses_stand_beside_the_others_and_are_the_same_to_rounding()
    {
        Train("--run", "run", "--recipe", "batchnorm");
        string[] call = ["evaluate", "--model", Model, "--data", SmallNames.Write(), "--accelerator", "cpu", "--fold"];
        JsonElement json = Succeed([.. call, "--json"]).Json;
        using (Assert.EnterMultipleScope())
        {
            foreach (JsonProperty split in json.GetProperty("losses").EnumerateObject())
            {
                double folded = json.GetProperty("folded").GetProperty("losses").GetProperty(split.Name).GetDouble();
                Assert.That(folded, Is.EqualTo(split.Value.GetDouble()).Within(1e-5), split.Name);
            }
            Assert.That(
                Succeed(call).OutputLines,
                Has.Length.EqualTo(3).And.All.Match(@"^\w+ +(\d\.\d{4})   folded \d\.\d{4}   difference (0|-?\d\.\dE-\d\d)$"));
        }
    }

    [Test]
    public void A_model_without_BatchNorm_has_nothing_to_fold()
    {
        Train("--run", "run", "--recipe", "kaiming");
        Refuse(["evaluate", "--model", Model, "--data", SmallNames.Write(), "--fold"], "kaiming", "--fold");
    }

    [Test]
    public void A_model_of_the_embedded_names_needs_no_data()
    {
        NeedOwnDataFolder();
        JsonElement training = Succeed("train", "--steps", "2", "--hidden", "2", "--run", "run", "--accelerator", "cpu", "--json").Json;
        Outcome outcome = Succeed("evaluate", "--model", Model, "--accelerator", "cpu", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Json.GetProperty("losses").GetRawText(), Is.EqualTo(training.GetProperty("losses").GetRawText()));
            Assert.That(outcome.Error, Does.Not.Contain("note"));
        }
    }

    [Test]
    public void Without_data_other_names_than_the_models_are_refused_and_both_named()
    {
        NeedOwnDataFolder();
        Refuse(["evaluate", "--model", TrainedModel.Write()], SmallNames.FileName, "embedded", "--data");
    }

    [Test]
    public void Other_names_that_were_asked_for_are_taken_with_a_note_that_names_both()
    {
        string others = Write("others.txt", string.Join('\n', SmallNames.All.Skip(5)));
        Outcome outcome = Succeed("evaluate", "--model", TrainedModel.Write(), "--data", others, "--accelerator", "cpu");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ErrorLines, Has.Length.EqualTo(1));
            Assert.That(outcome.Error, Does.Contain(SmallNames.FileName).And.Contain(others));
            Assert.That(outcome.OutputLines, Has.Length.EqualTo(3));
        }
    }

    [Test]
    public void The_same_names_under_another_path_need_no_note()
    {
        string copy = Write("copy.txt", SmallNames.Text);
        Assert.That(Succeed("evaluate", "--model", TrainedModel.Write(), "--data", copy, "--accelerator", "cpu").Error, Is.Empty);
    }

    [Test]
    public void Recipe_batchnorm_evaluates_by_running_statistics_and_can_be_calibrated()
    {
        string byDefault = Losses(TrainedModel.Write()).GetRawText();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Losses(TrainedModel.Write(), "--statistics", "running").GetRawText(), Is.EqualTo(byDefault));
            Assert.That(Losses(TrainedModel.Write(), "--statistics", "calibrated").GetRawText(), Is.Not.EqualTo(byDefault));
        }
    }

    [Test]
    public void Recipe_backprop_stores_calibrated_statistics_and_no_others()
    {
        string model = TrainedModel.Write("backprop");
        string byDefault = Losses(model).GetRawText();
        Assert.That(Losses(model, "--statistics", "calibrated").GetRawText(), Is.EqualTo(byDefault));
        Refuse(["evaluate", "--model", model, "--data", SmallNames.Write(), "--statistics", "running"], "--statistics running", "backprop");
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void The_training_split_by_its_own_statistics_is_that_by_calibrated_ones(string recipe)
    {
        string model = TrainedModel.Write(recipe);
        JsonElement own = Losses(model, "--statistics", "own");
        JsonElement calibrated = Losses(model, "--statistics", "calibrated");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(own.GetProperty("train").GetDouble(), Is.EqualTo(calibrated.GetProperty("train").GetDouble()));
            Assert.That(own.GetProperty("dev").GetDouble(), Is.Not.EqualTo(calibrated.GetProperty("dev").GetDouble()));
            Assert.That(own.GetProperty("test").GetDouble(), Is.Not.EqualTo(calibrated.GetProperty("test").GetDouble()));
        }
    }

    [Test]
    public void A_split_s_own_statistics_cannot_be_folded() =>
        Refuse(
            ["evaluate", "--model", TrainedModel.Write(), "--data", SmallNames.Write(), "--statistics", "own", "--fold"],
            "--fold", "--statistics own", "leave one of them out");

    [TestCase("batch")]
    [TestCase("")]
    [TestCase("1")]
    [TestCase("7")]
    [TestCase("running,calibrated")]
    public void Unknown_statistics_are_refused(string statistics) =>
        Refuse(
            ["evaluate", "--model", TrainedModel.Write(), "--data", SmallNames.Write(), "--statistics", statistics],
            "--statistics", $"'{statistics}'", "running, calibrated or own");

    [Test]
    public void Names_with_characters_that_the_model_does_not_know_are_refused()
    {
        string others = Write("others.txt", SmallNames.Text + "quentin\nquirin\n");
        Refuse(["evaluate", "--model", TrainedModel.Write(), "--data", others], "'q'", others);
    }

    static JsonElement Losses(string model, params string[] options) =>
        Succeed(["evaluate", "--model", model, "--data", SmallNames.Write(), "--accelerator", "cpu", "--json", .. options])
            .Json.GetProperty("losses");
}
