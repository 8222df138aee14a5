using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>The diagnostics of a run.</summary>
sealed class InspectCommandTests : CommandTests
{
    const string Run1 = "run-1";

    // As Python's %e writes it.
    const string Scientific = @"\d\.\d{6}e[+-]\d\d";

    [TestCase("naive")]
    [TestCase("batchnorm")]
    [TestCase("backprop")]
    [TestCase("deep-linear")]
    [TestCase("deep-batchnorm")]
    public void It_prints_the_lectures_tables(string recipe)
    {
        Train(["--recipe", recipe, "--watch", "--run", Run1, .. Deep(recipe)]);
        string[] lines = Succeed("inspect", "--run", Run1, "--accelerator", "cpu").OutputLines;
        string layer = recipe == "deep-linear"
            ? $"^layer \\d+ \\(    Linear\\): mean [+-]{Scientific}, std {Scientific}$"
            : $"^layer \\d+ \\(      Tanh\\): mean [+-]{Scientific}, std {Scientific}, "
                + @"\|t\| > 0\.97: \d+\.\d{3}%, \|t\| > 0\.99: \d+\.\d{3}%$";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Some.Match(layer));
            Assert.That(
                lines, Has.Some.Match($"^layer \\d+ \\( +(Tanh|Linear)\\): gradient mean [+-]{Scientific}, gradient std {Scientific}$"));
            Assert.That(
                lines, Has.Some.Match($"^weight +\\(\\d+, 10\\) \\| gradient mean [+-]{Scientific} \\| gradient std {Scientific} \\| C$"));
            Assert.That(lines, Has.Some.Match("weight +mean +std +grad:data ratio +after the update"));
            Assert.That(lines, Has.Some.Match($"^ +C +[+-]{Scientific} +{Scientific} +{Scientific} +{Scientific} *$"));
            Assert.That(lines, Has.None.Match(@"-0\.0+(?![0-9])(?!e)"));
            Assert.That(lines, Has.Some.Match("^report +" + Path.Combine(Run1, "report.html")));
            Assert.That(Path.Combine(Run1, "report.html"), Does.Exist);
        }
    }

    [Test]
    public void It_draws_every_picture_twice()
    {
        Train("--recipe", "deep-batchnorm", "--hidden", "8,8", "--watch", "--run", Run1);
        Succeed("inspect", "--run", Run1, "--accelerator", "cpu");
        string[] pictures =
        [
            "activations", "batchnorm-mean", "batchnorm-spread", "characters", "gradients", "logits", "loss", "pre-activations",
            "saturation-2", "saturation-5", "update-to-data", "weight-gradients", "weights",
        ];
        Assert.That(
            Directory.GetFiles(Path.Combine(Run1, "plots")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
            Is.EqualTo(pictures.SelectMany(picture => new[] { picture + ".png", picture + ".svg" }).Order(StringComparer.Ordinal)));
    }

    [Test]
    public void A_run_is_inspected_as_a_new_one_with_the_same_settings_is()
    {
        string[] settings =
        [
            "--data", SmallNames.Write(), "--recipe", "batchnorm", "--hidden", "8", "--batch", "8", "--steps", "50", "--accelerator", "cpu",
        ];
        Succeed(["train", .. settings, "--watch", "--run", Run1]);
        JsonElement old = Succeed("inspect", "--run", Run1, "--accelerator", "cpu", "--json").Json;
        JsonElement made = Succeed(["inspect", .. settings, "--json"]).Json;
        using (Assert.EnterMultipleScope())
        {
            string[] properties =
            [
                "step", "loss", "logits", "losses", "layers", "weights", "characters", "gradient_to_updated_data", "update_to_data",
                "statistics", "names",
            ];
            foreach (string property in properties)
            {
                Assert.That(made.GetProperty(property).GetRawText(), Is.EqualTo(old.GetProperty(property).GetRawText()), property);
            }
            Assert.That(made.GetProperty("run").GetString(), Is.EqualTo(Path.Combine("runs", "batchnorm-1")));
        }
    }

    [Test]
    public void At_step_0_the_network_is_untrained()
    {
        JsonElement json = Succeed(
            "inspect", "--data", SmallNames.Write(), "--recipe", "naive", "--steps", "0", "--accelerator", "cpu", "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.GetProperty("step").GetInt32(), Is.Zero);
            Assert.That(json.GetProperty("loss").GetDouble(), Is.GreaterThan(10));
            Assert.That(json.GetProperty("update_to_data").GetArrayLength(), Is.EqualTo(1));
            Assert.That(json.GetProperty("layers")[0].GetProperty("saturation").GetProperty("share").GetDouble(), Is.GreaterThan(0.5));
        }
    }

    // Weights of full size make a network that is sure of wrong characters, and small ones do not: other batches of the lecture have
    // logits of -20.9 to 18.4 in their first example, and -0.21 to 0.19.
    [TestCase("naive", -24.4257, 36.4366, 27.8817)]
    [TestCase("small-logits", -0.2459, 0.3523, 3.3221)]
    public void Logits_of_the_first_example_are_shown_with_their_range(string recipe, double least, double largest, double loss)
    {
        JsonElement json = Succeed(
            "inspect", "--data", SmallNames.LecturePath(), "--recipe", recipe, "--steps", "0", "--accelerator", "cpu", "--json").Json;
        JsonElement logits = json.GetProperty("logits");
        double[] first = [.. logits.GetProperty("first_example").EnumerateArray().Select(logit => logit.GetDouble())];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(first, Has.Length.EqualTo(27));
            Assert.That(new[] { first.Min(), first.Max() }, Is.EqualTo(new[] { least, largest }).Within(1e-4));
            Assert.That(logits.GetProperty("least").GetDouble(), Is.LessThanOrEqualTo(first.Min()));
            Assert.That(logits.GetProperty("largest").GetDouble(), Is.GreaterThanOrEqualTo(first.Max()));
            Assert.That(json.GetProperty("loss").GetDouble(), Is.EqualTo(loss).Within(1e-4));
        }
    }

    [Test]
    public void The_section_of_logits_has_a_character_for_each()
    {
        Train("--recipe", "naive", "--steps", "0", "--run", Run1);
        string[] lines = Succeed("inspect", "--run", Run1, "--accelerator", "cpu").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Does.Contain("Logits of the first example"));
            Assert.That(lines, Has.One.Match(@"^the first example: -\d+\.\d{4} to \+\d+\.\d{4}$"));
            Assert.That(lines, Has.One.Match(@"^all 8 examples: -\d+\.\d{4} to \+\d+\.\d{4}$"));
            Assert.That(lines, Has.One.Match(@"^loss of this batch: \d+\.\d{4}$"));
            Assert.That(lines, Has.One.Match(@"^\. +[+-]\d+\.\d\d   a +[+-]\d+\.\d\d   b "));
        }
    }

    // What tanh is given, and how many values it has: those of 32 examples and 200 units.
    [Test]
    public void The_first_network_has_the_lectures_pre_activations()
    {
        string[] lines = Succeed(
            "inspect", "--data", SmallNames.LecturePath(), "--recipe", "naive", "--steps", "0", "--accelerator", "cpu").OutputLines;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.One.Match($@"^ +layer 1 +32 x 200 = 6,400 +[+-]{Scientific} +5\.18\d+e\+00 *$"));
            Assert.That(lines, Has.One.Match(@"^layer 1 .*, std 9\.177719e-01, \|t\| > 0\.97: 68\.516%, \|t\| > 0\.99: 60\.953%$"));
        }
    }

    [Test]
    public void The_map_of_the_characters_tells_how_much_of_the_table_it_holds()
    {
        Train("--recipe", "kaiming", "--run", Run1);
        Outcome outcome = Succeed("inspect", "--run", Run1, "--accelerator", "cpu", "--json");
        JsonElement map = outcome.Json.GetProperty("characters");
        double share = map.GetProperty("share").GetDouble();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(share, Is.InRange(0.2, 0.99));
            Assert.That(
                Regex.Replace(outcome.Error, @"\s+", " "),
                Does.Contain(string.Create(CultureInfo.InvariantCulture, $"it holds {100 * share:F2}% of their variance")));
            Assert.That(map.GetProperty("x").GetArrayLength(), Is.EqualTo(map.GetProperty("y").GetArrayLength()));
        }
    }

    [Test]
    public void An_embedding_of_one_has_no_map()
    {
        Train("--recipe", "kaiming", "--embedding", "1", "--run", Run1);
        Assert.That(Succeed("inspect", "--run", Run1, "--accelerator", "cpu").OutputLines, Does.Not.Contain("Characters"));
    }

    [Test]
    public void Pictures_name_their_recipe()
    {
        Train("--recipe", "deep-batchnorm", "--hidden", "8,8", "--watch", "--run", Run1);
        Succeed("inspect", "--run", Run1, "--accelerator", "cpu");
        foreach (string picture in Directory.GetFiles(Path.Combine(Run1, "plots"), "*.svg"))
        {
            Assert.That(File.ReadAllText(picture), Does.Contain("deep-batchnorm after 10 steps"), picture);
        }
    }

    [Test]
    public void The_settings_tell_how_everything_is_drawn_and_normalized()
    {
        Train("--recipe", "backprop", "--run", Run1);
        string text = Regex.Replace(Succeed("inspect", "--run", Run1, "--accelerator", "cpu").Output, " +", " ");
        string[] settings =
        [
            "activation tanh", "hidden weights randn · 5/3 / sqrt(fan-in)", "hidden bias randn · 0.1", "last weights randn · 0.1",
            "last bias randn · 0.1", "normalization batch", "its gain 1 + randn · 0.1", "its bias randn · 0.1",
            "epsilon 1E-05, on the variance", "variance the unbiased one", "momentum 0.001",
            "running statistics mean, variance", "evaluation uses statistics calibrated over the training split",
        ];
        using (Assert.EnterMultipleScope())
        {
            foreach (string setting in settings)
            {
                Assert.That(text, Does.Contain($" {setting} \n"));
            }
        }
    }

    // A mean over the features for each: as the lecture prints bnmean_running.mean() after a few steps.
    [Test]
    public void The_averages_of_the_running_statistics_are_those_of_the_model()
    {
        Train("--recipe", "batchnorm", "--run", Run1);
        Outcome outcome = Succeed("inspect", "--run", Run1, "--accelerator", "cpu", "--json");
        JsonElement statistics = outcome.Json.GetProperty("statistics")[0];
        Dictionary<string, StoredTensor> tensors = SafeTensors.Read(Path.Combine(Run1, "model.safetensors")).Tensors.ToDictionary();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                statistics.GetProperty("mean").GetProperty("running_average").GetDouble(),
                Is.EqualTo(tensors["bnmean_running"].ToFloats().Average()).Within(1e-6));
            Assert.That(
                statistics.GetProperty("spread").GetProperty("running_average").GetDouble(),
                Is.EqualTo(tensors["bnstd_running"].ToFloats().Average()).Within(1e-6));
            Assert.That(
                Succeed("inspect", "--run", Run1, "--accelerator", "cpu").OutputLines,
                Has.One.Match("statistic +features +average, running +average, calibrated").And.One.Match("^ +layer 1, std +8 "));
        }
    }

    [TestCase(new[] { "--steps", "10" }, "0.1")]
    [TestCase(new[] { "--steps", "10", "--drop-at", "11" }, "0.1")]
    [TestCase(new[] { "--steps", "10", "--drop-at", "10" }, "0.1, 0.01 from step 10 on")]
    [TestCase(new[] { "--steps", "10", "--drop-at", "4" }, "0.1, 0.01 from step 4 on")]
    public void The_settings_tell_of_a_drop_of_the_rate_that_the_run_reaches(string[] options, string rate)
    {
        Train(options);
        string[] lines = Succeed("inspect", "--run", "runs/batchnorm-1", "--accelerator", "cpu").OutputLines;
        Assert.That(lines, Has.One.Match(@"^\s*learning rate\s+" + Regex.Escape(rate) + @"\s*$"));
    }

    [Test]
    public void Names_are_told_apart_by_whether_they_are_new()
    {
        Train("--steps", "300", "--run", Run1);
        JsonElement json = Succeed("inspect", "--run", Run1, "--accelerator", "cpu", "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(json.GetProperty("names").GetArrayLength(), Is.EqualTo(20));
            foreach (JsonElement name in json.GetProperty("names").EnumerateArray())
            {
                bool isNew = !SmallNames.All.Contains(name.GetProperty("name").GetString()!);
                Assert.That(name.GetProperty("is_new").GetBoolean(), Is.EqualTo(isNew));
                Assert.That(name.GetProperty("known").ValueKind, Is.EqualTo(isNew ? JsonValueKind.Null : JsonValueKind.String));
            }
        }
    }

    // Calibration replaces what was followed: a calibrated model has no more of it than the run folder keeps.
    [Test]
    public void A_calibrated_run_shows_both_kinds_of_statistics()
    {
        Train("--recipe", "backprop", "--steps", "20", "--run", Run1);
        JsonElement statistics = Succeed("inspect", "--run", Run1, "--accelerator", "cpu", "--json").Json.GetProperty("statistics");
        JsonElement mean = statistics[0].GetProperty("mean");
        StoredTensor calibrated = SafeTensors.Read(Path.Combine(Run1, "model.safetensors")).Tensors["bnmean_running"];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                mean.GetProperty("calibrated").EnumerateArray().Select(value => value.GetSingle()), Is.EqualTo(calibrated.ToFloats()));
            Assert.That(mean.GetProperty("largest_difference").GetDouble(), Is.GreaterThan(0));
            Assert.That(mean.GetProperty("running").GetArrayLength(), Is.EqualTo(8));
        }
    }

    [Test]
    public void A_run_folder_that_is_not_there_is_refused() => Refuse(["inspect", "--run", "nowhere"], "'nowhere'", "train");

    [Test]
    public void An_empty_folder_is_refused()
    {
        Directory.CreateDirectory("empty");
        Refuse(["inspect", "--run", "empty"], "'empty'", "model.safetensors");
    }

    [TestCase("metrics.jsonl", "{\"step\":0,\"loss\":\n{\"step\":1")]
    [TestCase("metrics.jsonl", "null")]
    [TestCase("diagnostics.jsonl", "{\"step\":0}")]
    [TestCase("statistics.jsonl", "{\"layer\":1}")]
    [TestCase("model.safetensors", "not a model")]
    public void A_folder_with_a_broken_file_is_refused(string file, string content)
    {
        Train("--watch", "--run", Run1);
        Write(Path.Combine(Run1, file), content);
        Refuse(["inspect", "--run", Run1], file);
    }

    [Test]
    public void A_run_of_another_version_is_refused()
    {
        Train("--run", Run1);
        string model = Path.Combine(Run1, "model.safetensors");
        byte[] bytes = File.ReadAllBytes(model);
        int offset = bytes.AsSpan().IndexOf("makemore.gpu/1"u8);
        bytes[offset + "makemore.gpu/".Length] = (byte)'9';
        File.WriteAllBytes(model, bytes);
        Refuse(["inspect", "--run", Run1], "makemore.gpu/9", "makemore.gpu/1");
    }

    [Test]
    public void A_folder_in_place_of_the_report_is_refused()
    {
        Train("--run", Run1);
        Directory.CreateDirectory(Path.Combine(Run1, "report.html"));
        Refuse(["inspect", "--run", Run1], "report.html");
    }

    [Test]
    public void A_file_in_place_of_the_pictures_is_refused()
    {
        Train("--run", Run1);
        Write(Path.Combine(Run1, "plots"), "a file");
        Refuse(["inspect", "--run", Run1], "plots");
    }

    [TestCase("--recipe", "naive")]
    [TestCase("--steps", "10")]
    [TestCase("--hidden", "8")]
    [TestCase("--gain", "1")]
    public void A_setting_of_training_does_not_go_with_a_run_that_is_there(string option, string value)
    {
        Train("--run", Run1);
        Refuse(["inspect", "--run", Run1, option, value], option, "--run");
    }

    [Test]
    public void Without_the_names_of_the_model_it_is_refused()
    {
        Train("--run", Run1);
        File.Delete(SmallNames.FileName);
        Refuse(["inspect", "--run", Run1], "--data");
    }

    // Two small hidden layers in place of five.
    static string[] Deep(string recipe) => recipe.StartsWith("deep", StringComparison.Ordinal) ? ["--hidden", "8,8"] : [];
}
