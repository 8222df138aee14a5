using System.Text.Json;
using System.Text.RegularExpressions;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Runs that go on where they stopped: they end with the bytes of a run without a break.</summary>
sealed class ResumeTests : CommandTests
{
    static readonly string[] Files = ["model.safetensors", "metrics.jsonl"];

    [TestCase("batchnorm", "fused")]
    [TestCase("batchnorm", "layered")]
    [TestCase("backprop", "fused")]
    [TestCase("deep-batchnorm", "fused")]
    [TestCase("deep-batchnorm", "layered", "--batch-seed", "7", "--normalization", "layer")]
    [TestCase("batchnorm", "fused", "--threads", "2", "--l2", "C=0.1")]
    [TestCase("batchnorm", "fused", "--watch", "--eval-every", "40", "--keep-best")]
    public void A_run_that_was_stopped_ends_with_the_bytes_of_one_that_was_not(string recipe, string strategy, params string[] options)
    {
        string[] call = ["--recipe", recipe, "--strategy", strategy, "--steps", "700", "--checkpoint-every", "90", .. options];
        Train([.. call, "--run", "whole"]);
        RunUntil(" 70 of ", Training([.. call, "--run", "run", "--print-every", "70"])).AssertFailed(Interrupted, "--resume run");
        Resume();
        AssertSame(options.Contains("--watch") ? [.. Files, "diagnostics.jsonl", "best.safetensors"] : Files);
    }

    // As a kill leaves it: what was written after the last checkpoint, and half a line.
    [TestCase("step-180.safetensors", "step-270.safetensors")]
    [TestCase("step-0.safetensors", "step-90.safetensors")]
    public void What_was_written_after_the_checkpoint_is_written_anew(string kept, string torn)
    {
        string[] call = ["--checkpoint-every", "90", "--eval-every", "60", "--watch-every", "3"];
        Train([.. call, "--run", "whole", "--steps", "300"]);
        Train([.. call, "--run", "run", "--steps", kept == "step-0.safetensors" ? "90" : "270"]);
        File.Delete("run/model.safetensors");
        File.WriteAllBytes($"run/checkpoints/{torn}.partial", [1]);
        File.Move($"run/checkpoints/{torn}", $"run/checkpoints/{torn}.gone");
        File.AppendAllText("run/metrics.jsonl", "{\"step\":271,\"lo");
        Resume("--steps", "300");
        AssertSame([.. Files, "diagnostics.jsonl"]);
        Assert.That(Directory.GetFiles("run/checkpoints", "*.partial"), Is.Empty);
    }

    [Test]
    public void A_finished_run_goes_on_to_more_steps()
    {
        Train("--run", "whole", "--steps", "50", "--eval-every", "7");
        Train("--run", "run", "--steps", "20", "--eval-every", "7");
        Outcome outcome = Resume("--steps", "50");
        AssertSame(Files);
        Assert.That(outcome.OutputLines, Has.Some.Match("^goes on +after 20 steps$"));
    }

    [Test]
    public void A_finished_run_may_go_on_to_where_it_is()
    {
        Train("--run", "whole");
        Train("--run", "run");
        Resume();
        AssertSame(Files);
    }

    [Test]
    public void The_checkpoint_before_a_damaged_one_is_taken_and_that_is_told()
    {
        string[] call = ["--steps", "100", "--checkpoint-every", "30"];
        Train([.. call, "--run", "whole"]);
        Train([.. call, "--run", "run"]);
        byte[] bytes = File.ReadAllBytes("run/checkpoints/step-100.safetensors");
        // A disk that is slower than training takes the newest of several.
        string before = Directory.GetFiles("run/checkpoints").Select(Path.GetFileNameWithoutExtension).Single(name => name != "step-100")!;
        bytes[^5] ^= 1;
        File.WriteAllBytes("run/checkpoints/step-100.safetensors", bytes);
        Outcome outcome = Resume();
        Assert.That(outcome.Error, Does.Contain("step-100.safetensors").And.Contain("damaged"));
        Assert.That(outcome.OutputLines, Has.Some.Match($"^goes on +after {before["step-".Length..]} steps$"));
        AssertSame(Files);
    }

    [Test]
    public void Without_a_whole_checkpoint_it_is_refused()
    {
        Train("--run", "run");
        foreach (string file in Directory.GetFiles("run/checkpoints"))
        {
            File.WriteAllText(file, "nothing");
        }
        Outcome outcome = Run("train", "--resume", "run");
        Assert.That(outcome.ExitCode, Is.EqualTo(WrongCall));
        Assert.That(outcome.ErrorLines[^1], Does.StartWith("makemore: ").And.Contain("no checkpoint that can be read"));
    }

    [TestCase("--hidden is 9, and the run 'run' has [8]", "--hidden", "9")]
    [TestCase("--recipe is backprop, and the run 'run' has \"batchnorm\"", "--recipe", "backprop")]
    [TestCase("--batch is 9, and the run 'run' has 8", "--batch", "9")]
    [TestCase("--seed is 3, and the run 'run' has 2147483647", "--seed", "3")]
    [TestCase("--lower", "--lower")]
    [TestCase("--run is other", "--run", "other")]
    [TestCase("--force", "--force")]
    [TestCase("--steps is 9, and the run 'run' has done 10", "--steps", "9")]
    public void Another_run_is_refused_naming_both(string message, params string[] options)
    {
        Train("--run", "run");
        Refuse(["train", "--resume", "run", .. options], message);
    }

    [Test]
    public void Other_names_are_refused_naming_both()
    {
        Train("--run", "run");
        Write("other.txt", string.Join('\n', SmallNames.All.Reverse()));
        Refuse(["train", "--resume", "run", "--data", "other.txt"], SmallNames.FileName, "other.txt", "SHA-256");
        Write(SmallNames.FileName, "emma\nolivia\nava\nmia\nzoe\nnoah\nliam\n");
        Refuse(["train", "--resume", "run"], SmallNames.FileName, "SHA-256", "--data");
    }

    [TestCase("there is no run folder 'none'", "none")]
    [TestCase("config.json", "empty")]
    public void What_is_no_run_is_refused(string message, string folder)
    {
        Directory.CreateDirectory("empty");
        Refuse(["train", "--resume", folder], message);
    }

    [TestCase(2_000_000)]
    [TestCase(0)]
    public void Settings_that_are_no_file_of_a_run_are_refused(int length)
    {
        Train("--run", "run");
        Write("run/config.json", new byte[length]);
        Refuse(["train", "--resume", "run"], "config.json", $"has {length} bytes");
    }

    [TestCase("log_every", "0")]
    [TestCase("batch", "-3")]
    [TestCase("learning_rate", "1e999")]
    public void Settings_that_cannot_be_are_refused(string name, string value)
    {
        Train("--run", "run");
        string settings = Regex.Replace(File.ReadAllText("run/config.json"), $"\"{name}\": [^,]*,", $"\"{name}\": {value},");
        Write("run/config.json", settings);
        Refuse(["train", "--resume", "run"], "config.json", "holds settings that cannot be");
    }

    [Test]
    public void Settings_of_another_run_are_refused()
    {
        Train("--run", "run");
        Train("--run", "other", "--hidden", "9");
        File.Copy("other/config.json", "run/config.json", overwrite: true);
        Refuse(["train", "--resume", "run"], "config.json", "another run");
    }

    [Test]
    public void Another_form_goes_on_within_rounding_and_says_so()
    {
        Train("--run", "run", "--strategy", "fused");
        Outcome outcome = Resume("--steps", "30", "--strategy", "layered");
        Assert.That(outcome.Error, Does.Contain("layered").And.Contain("fused").And.Contain("not bit for bit"));
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllText("run/config.json"));
        Assert.That(settings.RootElement.GetProperty("strategy").GetString(), Is.EqualTo("layered"));
    }

    [Test]
    public void A_patient_run_stops_and_stops_again()
    {
        string[] call = ["--steps", "5000", "--hidden", "64", "--eval-every", "100", "--patience", "2", "--keep-best"];
        Outcome outcome = Train([.. call, "--run", "run"]);
        byte[] model = File.ReadAllBytes("run/model.safetensors");
        Assert.That(outcome.OutputLines, Has.Some.StartWith("stopped "));
        Assert.That(outcome.OutputLines, Has.Some.StartWith("best "));
        Resume();
        Assert.That(File.ReadAllBytes("run/model.safetensors"), Is.EqualTo(model));
    }

    static Outcome Resume(params string[] options) => Succeed(["train", "--resume", "run", "--data", SmallNames.FileName, .. options]);

    static void AssertSame(string[] files)
    {
        foreach (string file in files)
        {
            Assert.That(File.ReadAllBytes(Path.Combine("run", file)), Is.EqualTo(File.ReadAllBytes(Path.Combine("whole", file))), file);
        }
    }
}
