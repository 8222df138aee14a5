using System.Text.Json;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Commands;

/// <summary>train --dry-run shows what a run would take, and a run that takes more than there is does not begin.</summary>
sealed class DryRunTests : CommandTests
{
    // Of the process's memory, as .NET counts it: 256 MiB.
    static readonly (string Name, string Value) LittleMemory = ("DOTNET_GCHeapHardLimit", "10000000");

    const string CpuAccelerator = "CPU accelerator of ILGPU";

    [Test]
    public void It_shows_every_buffer_the_sum_and_the_launches_and_writes_nothing([Values("fused", "layered")] string strategy)
    {
        string names = SmallNames.Write();
        string[] before = Listing();
        Outcome outcome = Train("--data", names, "--strategy", strategy, "--dry-run");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.Error, Is.Empty);
            Assert.That(Listing(), Is.EqualTo(before));
            Assert.That(outcome.OutputLines, Has.None.StartsWith("step ").And.None.StartsWith("losses"));
            Assert.That(outcome.OutputLines, Has.Some.Match(@"^strategy +" + strategy));
            Assert.That(outcome.OutputLines, Has.Some.Match(@"^  parameters +network +[\d,]+ +[\d.]+ KiB"));
            Assert.That(outcome.OutputLines, Has.Some.Match(@"^  needed +[\d,]+ +[\d.]+ KiB"));
            Assert.That(outcome.OutputLines, Has.Some.Match(@"^  there is +[\d,]+ +[\d.]+ [GT]iB"));
            Assert.That(
                outcome.OutputLines[^1],
                strategy == "fused" ? Is.EqualTo("One launch runs up to 1,000 steps.") : Does.StartWith("A step has 18 operations;"));
        }
    }

    [Test]
    public void Its_json_has_the_numbers()
    {
        JsonElement json = Train("--json", "--dry-run", "--strategy", "layered").Json;
        long buffers = json.GetProperty("buffers").EnumerateArray().Sum(buffer => buffer.GetProperty("bytes").GetInt64());
        long needed = json.GetProperty("needed_bytes").GetInt64();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                json.EnumerateObject().Select(property => property.Name),
                Is.EqualTo(
                [
                    "accelerator", "strategy", "parameters", "model_bytes", "buffers", "training_bytes", "end_bytes", "needed_bytes",
                    "memory_bytes", "launches", "steps_per_launch", "expected_steps_per_second", "fits",
                ]));
            Assert.That(json.GetProperty("training_bytes").GetInt64(), Is.EqualTo(buffers));
            Assert.That(needed, Is.GreaterThan(buffers).And.LessThan(json.GetProperty("memory_bytes").GetInt64()));
            Assert.That(json.GetProperty("launches").GetInt32(), Is.EqualTo(18));
            Assert.That(json.GetProperty("fits").GetBoolean(), Is.True);
        }
    }

    [Test]
    public void A_watch_and_dev_losses_take_memory_of_their_own()
    {
        string[] Uses(params string[] options) =>
        [
            .. Train([.. options, "--json", "--dry-run"]).Json.GetProperty("buffers").EnumerateArray()
                .Select(buffer => buffer.GetProperty("use").GetString()!).Distinct(),
        ];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Uses("--eval-every", "0"), Is.EqualTo(["network", "steps"]));
            Assert.That(Uses("--eval-every", "5", "--watch"), Is.EqualTo(["network", "steps", "evaluation", "watch"]));
        }
    }

    [Test]
    public void It_takes_a_run_that_goes_on_and_leaves_it_as_it_is()
    {
        Train("--run", "run", "--strategy", "layered");
        string[] before = Listing();
        Outcome outcome = Succeed("train", "--resume", "run", "--steps", "20", "--dry-run");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.OutputLines[0], Is.EqualTo("What 20 steps of recipe batchnorm would take"));
            Assert.That(outcome.OutputLines, Has.Some.Match("^strategy +layered"));
            Assert.That(Listing(), Is.EqualTo(before));
        }
    }

    // As large as the measured step: 6·N·Σ K·M of recipe batchnorm with 27 characters.
    [Test]
    public void It_tells_the_steps_per_second_that_bench_has_measured([Values("fused", "layered")] string strategy)
    {
        string bench = WriteBench(CpuAccelerator, strategy, flops: 6.0 * 32 * ((30 * 200) + (200 * 27)), seconds: 0.004);
        string[] args =
            ["train", "--dry-run", "--accelerator", "cpu", "--strategy", strategy, "--steps", "5000", "--bench", bench];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(
                Succeed(args).Output.ReplaceLineEndings(" "), Does.Contain("about 250 steps/s are to be expected: 20 s for 5,000 steps."));
            JsonElement json = Succeed([.. args, "--json"]).Json;
            Assert.That(json.GetProperty("expected_steps_per_second").GetDouble(), Is.EqualTo(250).Within(1e-9));
        }
    }

    [Test]
    public void Where_bench_has_not_measured_the_form_it_tells_no_speed()
    {
        string bench = WriteBench(CpuAccelerator, "layered", flops: 1e6, seconds: 0.004);
        JsonElement json = Succeed("train", "--dry-run", "--accelerator", "cpu", "--strategy", "fused", "--bench", bench, "--json").Json;
        Assert.That(json.GetProperty("expected_steps_per_second").ValueKind, Is.EqualTo(JsonValueKind.Null));
    }

    [Test]
    public void A_file_of_something_else_is_refused()
    {
        File.WriteAllText("other.json", "{\"steps\": 3}");
        string ofOther = WriteBench("another device", "fused", flops: 1e6, seconds: 0.004);
        string[] train = ["train", "--accelerator", "cpu", "--bench"];
        using (Assert.EnterMultipleScope())
        {
            Refuse([.. train, ofOther], "--bench is for --dry-run");
            Refuse([.. train, "other.json", "--dry-run"], "'other.json' is not what bench --json writes");
            Refuse([.. train, "missing.json", "--dry-run"], "'missing.json' cannot be read");
            Refuse([.. train, ofOther, "--dry-run"], "was measured on another device", "makemore bench --accelerator cpu:0 --json");
        }
    }

    static string WriteBench(string description, string strategy, double flops, double seconds)
    {
        var measured = new { operation = $"training step, {strategy}", seconds, flops };
        string path = $"bench-{strategy}.json";
        File.WriteAllText(path, JsonSerializer.Serialize(new { description, lectures = new[] { measured }, large = Array.Empty<int>() }));
        return path;
    }

    [Test]
    public void It_refuses_what_training_refuses()
    {
        string names = SmallNames.Write();
        Refuse(["train", "--data", names, "--dry-run", "--hidden", "100000,100000"], "too large", "--hidden");
        Refuse(["train", "--data", names, "--dry-run", "--print-every", "0"], "--print-every");
        Refuse(["train", "--data", names, "--dry-run", "--run", Folder], "--force");
    }

    [TestCase("--batch", "100000", "--batch")]
    [TestCase("--hidden", "6000,6000", "--hidden")]
    public void A_run_that_takes_more_than_there_is_does_not_begin(string option, string value, string mend)
    {
        string[] args =
            ["train", "--data", SmallNames.Write(), "--accelerator", "cpu", "--strategy", "layered", "--steps", "2", option, value];
        string[] before = Listing();
        Outcome outcome = MakemoreProcess.Run(args, LittleMemory);
        outcome.AssertFailed(WrongCall, "training takes", "cpu:0 has 256 MiB", mend);
        Outcome dry = MakemoreProcess.Run([.. args, "--dry-run", "--json"], LittleMemory);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Listing(), Is.EqualTo(before));
            Assert.That(dry.ExitCode, Is.EqualTo(WrongCall));
            Assert.That(dry.Json.GetProperty("fits").GetBoolean(), Is.False);
            Assert.That(dry.ErrorLines[^1], Is.EqualTo(outcome.ErrorLines[^1]));
        }
    }
}
