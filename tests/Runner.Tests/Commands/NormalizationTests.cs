using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>The option --normalization, from training to the report.</summary>
sealed class NormalizationTests : CommandTests
{
    const string Run1 = "run-1";
    const string Model = $"{Run1}/model.safetensors";

    [Test]
    public void Every_recipe_takes_every_normalization(
        [Values("kaiming", "batchnorm", "backprop", "deep-linear", "deep-batchnorm")] string recipe,
        [Values("batch", "layer", "group:1", "NONE")] string normalization)
    {
        Train("--recipe", recipe, "--normalization", normalization, "--run", Run1);
        JsonElement kept = Recipe().GetProperty("normalization");
        if (normalization == "NONE")
        {
            Assert.That(kept.ValueKind, Is.EqualTo(JsonValueKind.Null));
            Assert.That(Recipe().GetProperty("output_gain").ValueKind, Is.EqualTo(JsonValueKind.Null));
        }
        else
        {
            Assert.That(kept.GetProperty("kind").GetString(), Is.EqualTo(normalization.Split(':')[0]));
        }
    }

    [Test]
    public void A_recipe_without_normalization_gets_the_deep_ones()
    {
        Train("--recipe", "kaiming", "--normalization", "batch", "--run", Run1);
        JsonElement kept = Recipe().GetProperty("normalization");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(kept.GetProperty("gain").GetProperty("offset").GetDouble(), Is.EqualTo(1));
            Assert.That(kept.GetProperty("bias").GetProperty("offset").GetDouble(), Is.Zero);
            Assert.That(kept.GetProperty("epsilon").GetDouble(), Is.EqualTo(1e-5));
            Assert.That(kept.GetProperty("momentum").GetDouble(), Is.EqualTo(0.1));
            Assert.That(kept.GetProperty("running_statistic").GetString(), Is.EqualTo("variance"));
        }
    }

    [TestCase("batch", "C W1 b1 bngain bnbias W2 b2 bnmean_running bnvar_running")]
    [TestCase("layer", "C W1 b1 lngain lnbias W2 b2")]
    [TestCase("group:4", "C W1 b1 gngain gnbias W2 b2")]
    [TestCase("none", "C W1 b1 W2 b2")]
    public void The_gain_and_the_bias_are_named_by_their_kind(string normalization, string names)
    {
        Train("--recipe", "kaiming", "--normalization", normalization, "--run", Run1);
        using Stream file = File.OpenRead(Model);
        byte[] header = new byte[BitConverter.ToInt64(Read(file, 8))];
        file.ReadExactly(header);
        Assert.That(
            JsonDocument.Parse(header).RootElement.EnumerateObject().Select(entry => entry.Name).Where(name => name != "__metadata__"),
            Is.EquivalentTo(names.Split(' ')));
    }

    [TestCase("layer")]
    [TestCase("group:4")]
    public void A_single_example_is_a_batch_where_each_is_normalized_by_itself(string normalization)
    {
        Train("--recipe", "kaiming", "--normalization", normalization, "--batch", "1", "--run", Run1);
        Assert.That(Succeed("sample", "--model", Model, "--accelerator", "cpu").OutputLines, Is.Not.Empty);
    }

    [Test]
    public void Evaluation_has_no_statistics_to_choose_where_each_example_is_normalized_by_itself(
        [Values("batchnorm", "backprop")] string recipe, [Values("running", "calibrated")] string statistics)
    {
        JsonElement trained = Train("--recipe", recipe, "--normalization", "layer", "--run", Run1, "--json").Json;
        string[] evaluate = ["evaluate", "--model", Model, "--data", SmallNames.Write(), "--accelerator", "cpu"];
        Assert.That(
            Succeed([.. evaluate, "--json"]).Json.GetProperty("losses").GetRawText(),
            Is.EqualTo(trained.GetProperty("losses").GetRawText()));
        Refuse([.. evaluate, "--statistics", statistics], "--statistics", "BatchNorm");
    }

    [TestCase("batchnorm")]
    [TestCase("backprop")]
    public void The_report_names_the_normalization_and_shows_no_statistics_where_there_are_none(string recipe)
    {
        Train("--recipe", recipe, "--normalization", "group:4", "--run", Run1);
        Outcome report = Succeed("inspect", "--run", Run1, "--accelerator", "cpu");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(report.OutputLines, Has.Some.Match("normalization +group, 4 groups"));
            Assert.That(report.Output, Does.Not.Contain("BatchNorm statistics"));
            Assert.That(Directory.GetFiles(Path.Combine(Run1, "plots"), "batchnorm-*"), Is.Empty);
            Assert.That(
                Succeed("inspect", "--run", Run1, "--accelerator", "cpu", "--json").Json.GetProperty("statistics").GetArrayLength(),
                Is.Zero);
        }
    }

    static JsonElement Recipe() =>
        JsonDocument.Parse(File.ReadAllText(Path.Combine(Run1, "config.json"))).RootElement.GetProperty("recipe");

    static byte[] Read(Stream file, int count)
    {
        byte[] bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }
}
