using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Runs;

/// <summary>Runs whose folder goes away under them, and runs that did not come to their end: no model is lost.</summary>
sealed class LostFolderTests : CommandTests
{
    const string TemporaryVariable = "TMPDIR";

    string? formerTemporary;

    [SetUp]
    public void MoveTemporaryFiles()
    {
        formerTemporary = Environment.GetEnvironmentVariable(TemporaryVariable);
        Directory.CreateDirectory("temporary");
        Environment.SetEnvironmentVariable(TemporaryVariable, Path.GetFullPath("temporary"));
    }

    [TearDown]
    public void MoveThemBack() => Environment.SetEnvironmentVariable(TemporaryVariable, formerTemporary);

    [Test]
    public void A_folder_that_is_renamed_stays_as_it_was_and_the_model_stands_under_the_old_name()
    {
        Train("--run", "whole", "--steps", "500", "--checkpoint-every", "20");
        Outcome outcome = RunWhile(
            "step 0 ", () => Directory.Move("run", "renamed"), Training("--run", "run", "--steps", "500", "--checkpoint-every", "20"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(Done), outcome.Error);
            Assert.That(outcome.Error, Does.Contain("metrics.jsonl").And.Contain("training goes on"));
            Assert.That(File.ReadAllBytes("run/model.safetensors"), Is.EqualTo(File.ReadAllBytes("whole/model.safetensors")));
            Assert.That(File.Exists("renamed/config.json"));
            Assert.That(Directory.GetFiles(Folder, "*.partial", SearchOption.AllDirectories), Is.Empty);
        }
    }

    [Test]
    public void A_model_that_the_folder_does_not_take_stands_where_the_message_says()
    {
        NeedTemporaryFolder();
        Train("--run", "whole", "--steps", "500");
        Outcome outcome = RunWhile(
            "step 0 ",
            () =>
            {
                Directory.Move("run", "renamed");
                Write("run", "a file");
            },
            Training("--run", "run", "--steps", "500"));
        string model = Directory.GetFiles(Path.GetFullPath("temporary"), "model.safetensors", SearchOption.AllDirectories).Single();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(FailedAtWork));
            Assert.That(outcome.ErrorLines[^1], Does.StartWith("makemore: ").And.Contain("run/model.safetensors").And.Contain(model));
            Assert.That(File.ReadAllBytes(model), Is.EqualTo(File.ReadAllBytes("whole/model.safetensors")));
            Assert.That(File.ReadAllText("run"), Is.EqualTo("a file"));
        }
    }

    [Test]
    public void A_run_that_has_not_come_to_its_end_can_be_inspected()
    {
        Train("--run", "run", "--steps", "300", "--checkpoint-every", "100");
        File.Delete("run/model.safetensors");
        File.Delete("run/checkpoints/step-300.safetensors");
        File.AppendAllText("run/metrics.jsonl", "{\"step\":300,\"lo");
        string name = Path.GetFileNameWithoutExtension(Directory.GetFiles("run/checkpoints").Single());
        int kept = int.Parse(name["step-".Length..], CultureInfo.InvariantCulture);
        Outcome outcome = Succeed("inspect", "--run", "run", "--accelerator", "cpu", "--json");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Does.Contain($"its checkpoint after {kept} steps"));
            Assert.That(outcome.Json.GetProperty("step").GetInt32(), Is.EqualTo(kept));
        }
    }

    [Test]
    public void A_run_that_diverged_says_how_to_look_at_its_last_checkpoint()
    {
        Outcome outcome = Run(Training("--recipe", "backprop", "--learning-rate", "1e30", "--run", "run", "--steps", "100"));
        outcome.AssertFailed(FailedAtWork, "--learning-rate", "makemore inspect --run run");
        Assert.That(Succeed("inspect", "--run", "run", "--accelerator", "cpu", "--json").Json.GetProperty("step").GetInt32(), Is.Zero);
    }

    [Test]
    public void A_network_that_learns_its_names_by_heart_is_warned_of()
    {
        IEnumerable<string> names = Enumerable.Range(0, 60).Select(i =>
            string.Concat(SHA256.HashData([(byte)i]).Take(6).Select(value => (char)('a' + (value % 26)))));
        Write("random.txt", string.Join('\n', names));
        Outcome outcome = Train("--data", "random.txt", "--hidden", "100", "--batch", "32", "--steps", "3000", "--run", "run");
        JsonElement[] metrics = [.. File.ReadLines("run/metrics.jsonl").Select(line => JsonDocument.Parse(line).RootElement)];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.OutputLines, Has.Some.Match("^warning +the dev loss is above 3.2958"));
            Assert.That(outcome.OutputLines, Has.Some.Match("^warning +since step [0-9,]+ the dev loss has risen .* by heart"));
            Assert.That(metrics.Count(line => line.TryGetProperty("dev_loss", out _)), Is.EqualTo(19));
        }
    }

    [Test]
    public void A_finite_end_above_equal_guesses_is_warned_of() => Assert.That(
        Train("--learning-rate", "1000", "--steps", "300").OutputLines,
        Has.Some.Match("^warning +the dev loss is above .* try a smaller --learning-rate"));

    void NeedTemporaryFolder()
    {
        if (!Path.GetTempPath().StartsWith(Folder, StringComparison.Ordinal))
        {
            Assert.Ignore($"temporary files cannot be moved by {TemporaryVariable} on this system");
        }
    }
}
