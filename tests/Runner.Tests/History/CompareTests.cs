using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.History;

/// <summary>Runs beside each other.</summary>
sealed class CompareTests : CommandTests
{
    [Test]
    public void Settings_that_differ_are_told_and_no_other()
    {
        Train("--run", "runs/a", "--eval-every", "5");
        Train("--run", "runs/b", "--eval-every", "5", "--hidden", "4", "--learning-rate", "0.2", "--seed", "7");
        JsonElement json = Succeed("compare", "a", "runs/b", "--json").Json;
        var settings = json.GetProperty("settings").EnumerateArray().ToDictionary(
            setting => setting.GetProperty("name").GetString()!,
            setting => setting.GetProperty("values").EnumerateArray().Select(value => value.GetString()).ToArray());
        using (Assert.EnterMultipleScope())
        {
            Assert.That(settings.Keys, Is.EquivalentTo(new[] { "hidden", "learning rate", "seed" }));
            Assert.That(settings["hidden"], Is.EqualTo(new[] { "8", "4" }));
            Assert.That(settings["learning rate"], Is.EqualTo(new[] { "0.1, then 0.01", "0.2, then 0.02" }));
            Assert.That(settings["seed"], Is.EqualTo(new[] { "2147483647", "7" }));
        }
    }

    [Test]
    public void Losses_are_those_of_the_runs_and_their_curves_stand_in_one_picture()
    {
        string[] losses =
        [
            .. new[] { "a", "b" }.Select(name => Train("--run", $"runs/{name}", "--recipe", Recipe(name), "--eval-every", "5", "--json"))
                .Select(outcome => outcome.Json.GetProperty("losses").GetRawText()),
        ];
        JsonElement json = Succeed("compare", "a", "b", "--json").Json;
        string picture = File.ReadAllText("runs/compare-1/plots/loss.svg");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                json.GetProperty("runs").EnumerateArray().Select(run => run.GetProperty("losses").GetRawText()), Is.EqualTo(losses));
            Assert.That(
                Directory.GetFiles("runs/compare-1/plots").Select(Path.GetFileName),
                Is.EquivalentTo(new[] { "loss.png", "loss.svg", "dev-loss.png", "dev-loss.svg" }));
            Assert.That(picture, Does.Match(@">\s*a\s*<").And.Match(@">\s*b\s*<"));
            Assert.That(File.Exists("runs/compare-1/report.html"));
            Assert.That(Succeed("runs", "--json").Json.GetProperty("runs").GetArrayLength(), Is.EqualTo(2), "a comparison is no run");
        }

        static string Recipe(string name) => name == "a" ? "naive" : "kaiming";
    }

    [Test]
    public void Runs_of_the_same_settings_and_one_that_stopped_are_compared()
    {
        Train("--run", "runs/a", "--steps", "200");
        Train("--run", "runs/b", "--steps", "200");
        File.Delete("runs/b/model.safetensors");
        File.Delete("runs/b/result.json");
        Outcome outcome = Succeed("compare", "a", "b");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Output, Does.Contain("None: the runs have the same settings"));
            Assert.That(outcome.Error, Does.Contain("'runs/b' has not come to its end"));
        }
    }

    [Test]
    public void What_cannot_be_compared_is_refused()
    {
        Train("--run", "runs/a");
        SmallNames.Write();
        Directory.CreateDirectory("runs/none");
        Refuse(["compare", "a"], "'runs/a'", "name another one");
        Refuse(["compare", "a", "runs/a"], "named twice");
        Refuse(["compare", "a", "b"], "no run folder 'b'");
        Refuse(["compare", "a", "none"], "'runs/none/config.json'");
        Train("--run", "runs/b");
        Refuse(["compare", "a", "b", "--run", "runs/a"], "'runs/a' exists");
    }
}
