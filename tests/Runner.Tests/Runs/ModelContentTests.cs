using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>What the command train writes down: tensors under the lectures' names, settings, vocabulary, the data's fingerprint.</summary>
sealed class ModelContentTests : CommandTests
{
    static readonly string Model = Path.Combine("run", "model.safetensors");

    static int V => SmallNames.Vocabulary.Length;

    [Test]
    public void Recipe_batchnorm_has_no_b1_and_stores_a_standard_deviation()
    {
        Train("--run", "run");
        AssertShapes(
            ("C", [V, 10]), ("W1", [30, 8]), ("W2", [8, V]), ("b2", [V]), ("bngain", [8]), ("bnbias", [8]),
            ("bnmean_running", [8]), ("bnstd_running", [8]));
    }

    [Test]
    public void Recipe_backprop_has_b1_and_stores_a_variance()
    {
        Train("--run", "run", "--recipe", "backprop");
        AssertShapes(
            ("C", [V, 10]), ("W1", [30, 8]), ("b1", [8]), ("W2", [8, V]), ("b2", [V]), ("bngain", [8]), ("bnbias", [8]),
            ("bnmean_running", [8]), ("bnvar_running", [8]));
    }

    [Test]
    public void Sizes_are_those_that_were_asked_for()
    {
        Train("--run", "run", "--context", "4", "--embedding", "5", "--hidden", "6", "--batch", "7");
        AssertShapes(
            ("C", [V, 5]), ("W1", [20, 6]), ("W2", [6, V]), ("b2", [V]), ("bngain", [6]), ("bnbias", [6]),
            ("bnmean_running", [6]), ("bnstd_running", [6]));
    }

    // Linear 0, BatchNorm 1, Tanh 2, Linear 3, BatchNorm 4, Tanh 5, Linear 6.
    [Test]
    public void Several_hidden_layers_are_counted_as_the_lectures_list_counts_them()
    {
        Train("--run", "run", "--hidden", "6,4");
        AssertShapes(
            ("C", [V, 10]),
            ("layers.0.weight", [30, 6]), ("layers.1.gamma", [6]), ("layers.1.beta", [6]),
            ("layers.1.running_mean", [6]), ("layers.1.running_std", [6]),
            ("layers.3.weight", [6, 4]), ("layers.4.gamma", [4]), ("layers.4.beta", [4]),
            ("layers.4.running_mean", [4]), ("layers.4.running_std", [4]),
            ("layers.6.weight", [4, V]), ("layers.6.bias", [V]));
    }

    [TestCase("8", "batchnorm")]
    [TestCase("6,4", "batchnorm")]
    [TestCase("6,4,5", "backprop")]
    [TestCase("8", "naive")]
    [TestCase("6,4", "deep-linear")]
    [TestCase("6,4,5", "deep-tanh")]
    [TestCase("8", "deep-batchnorm")]
    [TestCase("6,4", "deep-batchnorm")]
    public void A_model_of_any_depth_can_be_evaluated_and_sampled(string hidden, string recipe)
    {
        JsonElement training = Train("--run", "run", "--hidden", hidden, "--recipe", recipe, "--json").Json;
        string[] call = ["evaluate", "--model", Model, "--data", SmallNames.FileName, "--accelerator", "cpu", "--json"];
        JsonElement evaluation = Succeed(call).Json;
        Assert.That(evaluation.GetProperty("losses").GetRawText(), Is.EqualTo(training.GetProperty("losses").GetRawText()));
        Assert.That(Sample(Model), Has.Length.EqualTo(20));
    }

    [Test]
    public void Metadata_hold_configuration_vocabulary_fingerprint_and_step()
    {
        Train("--run", "run");
        IReadOnlyDictionary<string, string> metadata = SafeTensors.Read(Model).Metadata;
        byte[] sum = SHA256.HashData(File.ReadAllBytes(SmallNames.FileName));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(metadata["vocabulary"], Is.EqualTo(SmallNames.Vocabulary));
            Assert.That(metadata["data_sha256"], Is.EqualTo(Convert.ToHexStringLower(sum)));
            Assert.That(metadata["data_source"], Is.EqualTo($"../{SmallNames.FileName}"));
            Assert.That(metadata["step"], Is.EqualTo("10"));
            Assert.That(
                File.ReadAllText(Path.Combine("run", "config.json")), Does.StartWith(metadata["configuration"].TrimEnd(' ', '\n', '}')));
        }
    }

    [Test]
    public void Config_json_holds_every_setting_resolved()
    {
        string[] sizes = ["--context", "4", "--embedding", "5", "--hidden", "6,3"];
        Train([.. sizes, "--run", "run", "--recipe", "backprop", "--learning-rate", "0.25", "--seed", "9"]);
        JsonElement config = Config();
        JsonElement recipe = config.GetProperty("recipe");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(recipe.GetProperty("name").GetString(), Is.EqualTo("backprop"));
            Assert.That(recipe.GetProperty("context").GetInt32(), Is.EqualTo(4));
            Assert.That(recipe.GetProperty("embedding").GetInt32(), Is.EqualTo(5));
            Assert.That(recipe.GetProperty("hidden").EnumerateArray().Select(size => size.GetInt32()), Is.EqualTo(new[] { 6, 3 }));
            Assert.That(recipe.GetProperty("batch").GetInt32(), Is.EqualTo(8));
            Assert.That(recipe.GetProperty("learning_rate").GetDouble(), Is.EqualTo(0.25));
            Assert.That(config.GetProperty("steps").GetInt32(), Is.EqualTo(10));
            // Half of 40 passes over 128 examples, of 8 a step.
            Assert.That(config.GetProperty("drop_at").GetInt32(), Is.EqualTo(320));
            Assert.That(config.GetProperty("seed").GetUInt64(), Is.EqualTo(9));
            Assert.That(config.GetProperty("normalization_seed").GetUInt64(), Is.EqualTo(10));
        }
    }

    [TestCase("naive", "--gain", "1.5", "hidden_weight", 1.5, true)]
    [TestCase("kaiming", "--gain", "-2", "hidden_weight", -2, true)]
    [TestCase("kaiming", "--hidden-scale", "0.2", "hidden_weight", 0.2, false)]
    [TestCase("kaiming", "--hidden-scale", "0", "hidden_weight", 0, false)]
    [TestCase("naive", "--output-scale", "0.5", "output_weight", 0.5, false)]
    [TestCase("deep-tanh", "--output-scale", "1e-3", "output_weight", 1e-3, true)]
    public void The_scales_that_were_asked_for_are_taken_and_written_down(
        string recipe, string option, string value, string setting, double scale, bool byFanIn)
    {
        Train("--run", "run", "--recipe", recipe, option, value);
        JsonElement draw = Config().GetProperty("recipe").GetProperty(setting);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(draw.GetProperty("scale").GetDouble(), Is.EqualTo(scale));
            Assert.That(draw.GetProperty("by_fan_in").GetBoolean(), Is.EqualTo(byFanIn));
        }
    }

    [Test]
    public void The_scale_of_normalized_logits_is_written_down_as_the_normalizations_gain()
    {
        Train("--run", "run", "--recipe", "deep-batchnorm", "--output-scale", "0.5");
        Assert.That(Config().GetProperty("recipe").GetProperty("output_gain").GetProperty("offset").GetDouble(), Is.EqualTo(0.5));
    }

    // 5/3, as close as a double comes.
    [TestCase("kaiming", "scaled-hidden", "--hidden-scale", "0.2")]
    [TestCase("scaled-hidden", "kaiming", "--gain", "1.6666666666666667")]
    [TestCase("deep-tanh", "deep-tanh", "--output-scale", "0.1")]
    [TestCase("deep-batchnorm", "deep-batchnorm", "--output-scale", "0.1")]
    public void With_the_scale_of_another_recipe_a_recipe_is_that_one(string recipe, string other, string option, string value)
    {
        Train("--run", "one", "--recipe", recipe, option, value);
        Train("--run", "two", "--recipe", other);
        Assert.That(File.ReadAllBytes("one/metrics.jsonl"), Is.EqualTo(File.ReadAllBytes("two/metrics.jsonl")));
        TensorFile.AssertSameTensors("one/model.safetensors", "two/model.safetensors");
    }

    [TestCase("fused")]
    [TestCase("layered")]
    public void Weight_decay_is_written_down_and_counts_in_training_and_not_in_evaluation(string strategy)
    {
        string[] oneStep = ["--recipe", "kaiming", "--strategy", strategy, "--steps", "1", "--learning-rate", "1e-30", "--json"];
        JsonElement without = Train(["--run", "without", .. oneStep]).Json;
        JsonElement with = Train(["--run", "run", "--l2", "C=1.5,W1=2,b2=3e-1", .. oneStep]).Json;
        JsonElement l2 = Config().GetProperty("recipe").GetProperty("l2");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                l2.EnumerateObject().Select(part => (part.Name, part.Value.GetDouble())),
                Is.EqualTo(new[] { ("C", 1.5), ("W1", 2), ("b2", 0.3) }));
            // C is drawn with mean square 1, W1 with 25/9/30, and b2 is 0.
            Assert.That(Loss("run") - Loss("without"), Is.EqualTo(1.5 + (2 * 25.0 / 270)).Within(0.3));
            Assert.That(with.GetProperty("losses").GetRawText(), Is.EqualTo(without.GetProperty("losses").GetRawText()));
        }

        static double Loss(string run) =>
            JsonDocument.Parse(File.ReadAllText(Path.Combine(run, "metrics.jsonl"))).RootElement.GetProperty("loss").GetDouble();
    }

    [Test]
    public void Few_names_are_passed_over_forty_times()
    {
        string[] call = ["train", "--data", SmallNames.Write(), "--batch", "64", "--hidden", "4", "--run", "run", "--accelerator", "cpu"];
        string examples = Succeed(call).OutputLines.Single(line => line.StartsWith("examples", StringComparison.Ordinal));
        int train = int.Parse(examples.Split("train ")[1].Split(',')[0], CultureInfo.InvariantCulture);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Config().GetProperty("steps").GetInt32(), Is.EqualTo(40 * train / 64));
            Assert.That(Config().GetProperty("drop_at").GetInt32(), Is.EqualTo(40 * train / 64 / 2));
            Assert.That(Config().GetProperty("seed").GetUInt64(), Is.EqualTo(2147483647));
        }
    }

    static JsonElement Config() => JsonDocument.Parse(File.ReadAllText(Path.Combine("run", "config.json"))).RootElement;

    static void AssertShapes(params (string Name, int[] Shape)[] expected) =>
        Assert.That(
            TensorFile.Shapes(Model).Select(tensor => $"{tensor.Key} [{string.Join(", ", tensor.Value)}]"),
            Is.EquivalentTo(expected.Select(tensor => $"{tensor.Name} [{string.Join(", ", tensor.Shape)}]")));
}
