using System.Text.Json.Nodes;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Runs by the settings of others.</summary>
sealed class GivenConfigTests : CommandTests
{
    const string First = "first";
    const string Again = "again";
    const string Config = "config.json";

    [TestCase]
    [TestCase("--recipe", "backprop", "--seed", "3", "--batch-seed", "4", "--strategy", "layered")]
    [TestCase("--recipe", "deep-batchnorm", "--hidden", "6,5", "--l2", "C=0.1", "--activation", "gelu", "--lower", "--unique")]
    [TestCase("--final-rate", "0.03", "--drop-at", "4", "--eval-every", "2", "--keep-best", "--log-every", "3", "--watch-every", "5")]
    public void They_have_the_same_bits(params string[] options)
    {
        Train(["--run", First, .. options]);
        Outcome outcome = Succeed("train", "--config", Path.Combine(First, Config), "--run", Again);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            foreach (string file in (string[])["model.safetensors", "metrics.jsonl", Config])
            {
                Assert.That(File.ReadAllBytes(Path.Combine(Again, file)), Is.EqualTo(File.ReadAllBytes(Path.Combine(First, file))), file);
            }
        }
    }

    [Test]
    public void Options_of_the_call_go_before_them()
    {
        Train("--run", First, "--seed", "3", "--learning-rate", "0.2");
        Succeed("train", "--config", First, "--run", Again, "--seed", "4", "--steps", "5", "--hidden", "9");
        JsonNode settings = Settings(Again);
        using (Assert.EnterMultipleScope())
        {
            Assert.That((int)settings["seed"]!, Is.EqualTo(4));
            Assert.That((int)settings["steps"]!, Is.EqualTo(5));
            Assert.That((int)settings["recipe"]!["hidden"]![0]!, Is.EqualTo(9));
            Assert.That((double)settings["recipe"]!["learning_rate"]!, Is.EqualTo(0.2));
            Assert.That((int)settings["recipe"]!["batch"]!, Is.EqualTo(8));
        }
    }

    [Test]
    public void Names_may_be_others()
    {
        Train("--run", First);
        Write("others.txt", "eva\nadam\nnoah\nruth\nlea\nabel\nsem\nida\nam\nada\nole\nena\n");
        Succeed("train", "others.txt", "--config", First, "--run", Again);
        Assert.That((string?)Settings(Again)["data_source"], Is.EqualTo("../others.txt"));
    }

    [Test]
    public void Names_that_are_not_there_are_asked_for()
    {
        Train("--run", First);
        File.Move(SmallNames.FileName, "moved.txt");
        Refuse(["train", "--config", First], SmallNames.FileName, "--data");
        Succeed("train", "--config", First, "--data", "moved.txt");
    }

    [TestCase("stepz")]
    [TestCase("recipe.hiden")]
    [TestCase("recipe.normalization.gain.scail")]
    public void A_setting_that_is_not_known_is_refused_by_its_name(string name)
    {
        Train("--run", First);
        JsonNode settings = Settings(First);
        JsonNode below = name.Split('.')[..^1].Aggregate(settings, (node, key) => node[key]!);
        below[name.Split('.')[^1]] = 1;
        Write("changed.json", settings.ToJsonString());
        Refuse(["train", "--config", "changed.json"], "'changed.json'", $"'{name}'");
    }

    [TestCase("nowhere", "'nowhere'")]
    [TestCase("small.txt", "'small.txt'", "config.json")]
    [TestCase("empty", "config.json")]
    [TestCase("list.json", "'list.json'")]
    public void What_holds_no_settings_is_refused(string path, params string[] mentions)
    {
        SmallNames.Write();
        Directory.CreateDirectory("empty");
        Write("list.json", "[]");
        Refuse(["train", "--config", path], [.. mentions, "--config"]);
    }

    [Test]
    public void Another_form_of_a_step_is_told()
    {
        Train("--run", First, "--strategy", "layered");
        Assert.That(
            Succeed("train", "--config", First, "--run", Again, "--strategy", "fused").Error,
            Does.Contain("was trained with cpu:0").And.Contain("not bit for bit"));
    }

    [Test]
    public void A_run_that_goes_on_and_one_that_is_tuned_take_none()
    {
        Train("--run", First);
        Refuse(["train", "--resume", First, "--config", First], "--config", "leave it out");
        Refuse(["train", "--tune", "--config", First], "--config", "--tune");
    }

    [Test]
    public void Settings_of_the_first_version_are_known()
    {
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Runs", "0.1.0", "deep-tanh", Config);
        SmallNames.Write();
        Succeed("train", "--config", source, "--data", SmallNames.FileName, "--run", Again, "--accelerator", "cpu");
        Assert.That((int)Settings(Again)["steps"]!, Is.EqualTo((int)JsonNode.Parse(File.ReadAllText(source))!["steps"]!));
    }

    static JsonNode Settings(string run) => JsonNode.Parse(File.ReadAllText(Path.Combine(run, Config)))!;
}
