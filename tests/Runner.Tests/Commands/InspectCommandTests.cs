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
            ? @"^layer \d+ \(    Linear\): mean [+-]\d\.\d\d, std \d\.\d\d$"
            : @"^layer \d+ \(      Tanh\): mean [+-]\d\.\d\d, std \d\.\d\d, saturated: \d+\.\d\d%, above 0\.99: \d+\.\d\d%$";
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines, Has.Some.Match(layer));
            Assert.That(lines, Has.Some.Match(@"^layer \d+ \( +(Tanh|Linear)\): mean [+-]\d\.\d{6}, std \d\.\d{6}e-\d\d$"));
            Assert.That(
                lines,
                Has.Some.Match(@"^weight +\(\d+, 10\) \| mean [+-]\d\.\d{6} \| std \d\.\d{6}e-\d\d \| grad:data ratio \d\.\d{6}e-\d\d"));
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
            "activations", "batchnorm-mean", "batchnorm-spread", "gradients", "loss", "saturation-2", "saturation-5",
            "update-to-data", "weight-gradients", "weights",
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
            foreach (string property in new[] { "step", "loss", "losses", "layers", "weights", "statistics", "update_to_data", "names" })
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

    [TestCase(new[] { "--steps", "10" }, "0.1")]
    [TestCase(new[] { "--steps", "10", "--drop-at", "11" }, "0.1")]
    [TestCase(new[] { "--steps", "10", "--drop-at", "10" }, "0.1, a tenth of it from step 10 on")]
    [TestCase(new[] { "--steps", "10", "--drop-at", "4" }, "0.1, a tenth of it from step 4 on")]
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
            foreach (JsonElement name in json.GetProperty("names").EnumerateArray().Where(name => !name.GetProperty("is_new").GetBoolean()))
            {
                Assert.That(SmallNames.All, Does.Contain(name.GetProperty("name").GetString()));
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

    [TestCase("metrics.jsonl", "{\"step\":0,\"loss\":")]
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
