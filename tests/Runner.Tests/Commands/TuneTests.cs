using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>train --tune tries settings, and is then the training by the best ones.</summary>
sealed class TuneTests : CommandTests
{
    const int Steps = 128;

    [Test]
    public void The_run_is_that_of_train_with_the_settings_that_were_chosen([Values("fused", "layered")] string strategy)
    {
        Outcome outcome = Tune("--strategy", strategy, "--run", "tuned");
        JsonElement tuned = outcome.Json.GetProperty("tuned");
        string[] settings =
        [
            .. tuned.GetProperty("settings").EnumerateObject()
                .SelectMany(setting => new[] { $"--{setting.Name}", setting.Value.GetString()! }),
        ];
        JsonElement alone = Succeed(Call(["--strategy", strategy, "--run", "alone", "--json", .. settings])).Json;
        using (Assert.EnterMultipleScope())
        {
            foreach (string file in new[] { "metrics.jsonl", "model.safetensors", "config.json" })
            {
                Assert.That(
                    File.ReadAllBytes(Path.Combine("tuned", file)), Is.EqualTo(File.ReadAllBytes(Path.Combine("alone", file))), file);
            }
            Assert.That(outcome.Json.GetProperty("losses").GetRawText(), Is.EqualTo(alone.GetProperty("losses").GetRawText()));
            Assert.That(tuned.GetProperty("dev").GetDouble(), Is.EqualTo(alone.GetProperty("losses").GetProperty("dev").GetDouble()));
            Assert.That(settings, Has.None.EqualTo("--hidden"), "it was given");
            Assert.That(outcome.ErrorLines, Has.One.Match(@"^tuned +(dev \d\.\d{4}, the default recipe \d\.\d{4}: \d\.\d{4} lower|none )"));
        }
    }

    [Test]
    public void The_default_that_it_is_compared_with_is_the_training_without_it()
    {
        JsonElement tuned = Tune().Json.GetProperty("tuned");
        double dev = Succeed(Call(["--json"])).Json.GetProperty("losses").GetProperty("dev").GetDouble();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tuned.GetProperty("default_dev").GetDouble(), Is.EqualTo(dev));
            Assert.That(tuned.GetProperty("dev").GetDouble(), Is.LessThanOrEqualTo(dev));
        }
    }

    [Test]
    public void Few_are_trained_to_the_end_and_the_best_of_them_is_chosen()
    {
        JsonElement tuned = Tune().Json.GetProperty("tuned");
        (int Steps, double Dev)[] tried =
        [
            .. tuned.GetProperty("tried").EnumerateArray().Select(item => (item.GetProperty("steps").GetInt32(), Dev(item))),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(tried, Has.Length.InRange(20, 32));
            Assert.That(tried.Select(item => item.Steps).Distinct(), Is.EqualTo(new[] { Steps, Steps / 16, Steps / 64 }));
            Assert.That(tried.Count(item => item.Steps == Steps), Is.InRange(4, 5));
            Assert.That(tried[0].Dev, Is.EqualTo(tried.Where(item => item.Steps == Steps).Min(item => item.Dev)));
            Assert.That(tuned.GetProperty("tried").EnumerateArray().Count(item => !item.GetProperty("settings").EnumerateObject().Any()),
                Is.EqualTo(1), "the call's own");
        }

        static double Dev(JsonElement item) => item.GetProperty("dev").ValueKind == JsonValueKind.Number
            ? item.GetProperty("dev").GetDouble()
            : double.PositiveInfinity;
    }

    // The rate is too small to move a weight, and an untrained network is as good as its seed. L2 losses of other trainings do not help.
    [Test]
    public void Where_nothing_is_better_the_own_settings_are_kept()
    {
        string[] still = ["--learning-rate", "1e-30", "--embedding", "2"];
        Succeed(Call(["--run", "own", .. still]));
        Outcome outcome = Succeed(Call(["--tune", "--run", "tuned", .. still]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                outcome.OutputLines,
                Has.One.Match(@"^tuned +none of the settings was better than those of the default recipe, dev \d\.\d{4}, which are kept$"));
            Assert.That(
                File.ReadAllBytes(Path.Combine("tuned", "model.safetensors")),
                Is.EqualTo(File.ReadAllBytes(Path.Combine("own", "model.safetensors"))));
        }
    }

    [Test]
    public void It_shows_the_best_settings_and_the_own_ones()
    {
        Outcome outcome = Succeed(Call(["--tune"]));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(outcome.OutputLines, Has.One.Match("^ +learning-rate +hidden +embedding +l2 +steps +dev +note"));
            Assert.That(outcome.OutputLines, Has.One.Match(@"^ +\d+ +0\.1 +8 +10 +0 +128 +\d+\.\d{4} +the default recipe"));
            Assert.That(outcome.OutputLines, Has.One.Match(@"^\d\d settings, tried in "));
        }
    }

    [Test]
    public void A_tuned_run_goes_on_like_any_other()
    {
        Tune("--run", "run");
        Outcome outcome = Succeed("train", "--resume", "run", "--steps", "140");
        Assert.That(outcome.OutputLines, Has.One.Contains("goes on      after 128 steps"));
    }

    [Test]
    public void Without_it_json_has_nothing_of_it() =>
        Assert.That(Succeed(Call(["--json"])).Json.TryGetProperty("tuned", out _), Is.False);

    [TestCase("--steps", "63", "--steps is 63")]
    [TestCase("--resume", "run", "--tune is for a new run")]
    [TestCase("--hidden", "0", "--hidden is 0")]
    [TestCase("--data", "nowhere.txt", "nowhere.txt")]
    public void What_cannot_be_is_refused_before_anything_is_tried(string option, string value, string what)
    {
        string[] call = ["train", "--tune", "--accelerator", "cpu", option, value];
        Refuse(option == "--data" ? call : [.. call, "--data", SmallNames.Write()], what);
    }

    [Test]
    public void A_dry_run_is_refused() => Refuse(Call(["--tune", "--dry-run"]), "--tune trains, and --dry-run trains nothing");

    [Test]
    public void So_is_a_call_that_gives_everything() =>
        Refuse(Call(["--tune", "--learning-rate", "0.1", "--embedding", "3", "--l2", "W1=1"]), "--tune has nothing left to try");

    [Test]
    public void What_is_stopped_writes_nothing()
    {
        string[] call = Call(["--tune"]);
        string[] before = Listing();
        using var output = new StringWriter();
        Run(output, new CancellationToken(canceled: true), call).AssertFailed(Interrupted);
        Assert.That(Listing(), Is.EqualTo(before));
    }

    static Outcome Tune(params string[] options) => Succeed(Call(["--tune", "--json", .. options]));

    static string[] Call(string[] options) => Training(
        [.. options, .. options.Contains("--steps") ? Array.Empty<string>() : ["--steps", $"{Steps}"]]);
}
