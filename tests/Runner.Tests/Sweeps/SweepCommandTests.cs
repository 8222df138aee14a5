using System.Text.Json;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Model.Sweeps;
using Makemore.Gpu.Runner.Sweeps;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests.Sweeps;

/// <summary>The command sweep: each network is the run that train gives, whatever stops and starts meanwhile.</summary>
sealed class SweepCommandTests : CommandTests
{
    // Two shapes, one that diverges, one that has no fused form.
    static readonly string[] Mixed =
        ["--vary", "hidden=6|9", "--vary", "learning-rate=0.1,1e30", "--vary", "activation=tanh,gelu"];

    static readonly string[] Halving =
        ["--vary", "learning-rate=log:0.01..1:5", "--seeds", "2", "--halving", "--keep", "all"];

    [Test]
    public void Each_network_is_the_run_that_train_gives()
    {
        JsonElement result = Succeed(Sweep([.. Mixed, "--steps", "40", "--keep", "all", "--run", "sweep", "--json"])).Json;
        IReadOnlyList<NetworkResult> results = Results("sweep");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(results, Has.Count.EqualTo(8));
            Assert.That(results.Count(network => network.Outcome.End == NetworkEnd.Diverged), Is.EqualTo(4));
            foreach (NetworkResult network in results)
            {
                AssertIsRun(network, "sweep");
            }
            Assert.That(result.GetProperty("networks").GetInt32(), Is.EqualTo(8));
            Assert.That(result.GetProperty("trained").GetInt32(), Is.EqualTo(4));
            Assert.That(result.GetProperty("diverged").GetInt32(), Is.EqualTo(4));
            Assert.That(result.GetProperty("steps").GetInt64(), Is.EqualTo(results.Sum(network => network.Outcome.Steps)));
            Assert.That(result.GetProperty("steps_per_second").GetDouble(), Is.GreaterThan(0));
        }
    }

    [Test]
    public void The_best_is_the_lowest_dev_loss_with_its_model_and_its_command()
    {
        JsonElement best = Succeed(Sweep("--vary", "gain=0.5,1,2", "--steps", "200", "--run", "sweep", "--json")).Json.GetProperty("best");
        NetworkResult lowest = Results("sweep").MinBy(network => network.Outcome.DevLoss)!;
        string model = best.GetProperty("model").GetString()!;
        string[] command = best.GetProperty("command").GetString()!.Split(' ');
        JsonElement again = Succeed([.. command[1..], "--run", "again", "--json"]).Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(best.GetProperty("number").GetInt32(), Is.EqualTo(lowest.Network.Number));
            Assert.That(best.GetProperty("settings").GetProperty("gain").GetString(), Is.EqualTo(lowest.Network.Settings[0].Value));
            Assert.That(best.GetProperty("losses").GetProperty("dev").GetDouble(), Is.EqualTo(lowest.Outcome.DevLoss));
            Assert.That(again.GetProperty("losses").GetProperty("dev").GetDouble(), Is.EqualTo(lowest.Outcome.DevLoss));
            Assert.That(File.ReadAllBytes(model), Is.EqualTo(File.ReadAllBytes("again/model.safetensors")));
            Assert.That(Directory.GetFiles("sweep/models"), Has.Length.EqualTo(1));
            Assert.That(Sample(model), Has.Length.EqualTo(20));
        }
    }

    [TestCase("none", 0, false)]
    [TestCase("best", 1, true)]
    [TestCase("all", 3, true)]
    public void Models_are_kept_as_asked(string keep, int models, bool hasBest)
    {
        Outcome outcome = Succeed(Sweep("--seeds", "3", "--keep", keep, "--run", "sweep"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Directory.Exists("sweep/models") ? Directory.GetFiles("sweep/models").Length : 0, Is.EqualTo(models));
            Assert.That(File.Exists("sweep/model.safetensors"), Is.EqualTo(hasBest));
            Assert.That(outcome.Output.Contains("of the disk", StringComparison.Ordinal), Is.EqualTo(keep == "all"));
        }
    }

    [Test]
    public void A_table_a_report_and_pictures_are_there_and_no_checkpoint_is_left()
    {
        Succeed(Sweep("--vary", "gain=0.5,1", "--vary", "hidden=5|7", "--seeds", "2", "--csv", "all.csv", "--run", "sweep"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadLines("all.csv").Count(), Is.EqualTo(1 + 8));
            Assert.That(File.Exists("sweep/report.html"));
            Assert.That(Directory.GetFiles("sweep/plots", "*.svg"), Has.Length.GreaterThanOrEqualTo(3));
            Assert.That(Directory.Exists("sweep/checkpoints"), Is.False);
        }
    }

    [Test]
    public void Where_all_diverge_there_is_no_best()
    {
        JsonElement result = Succeed(Sweep("--learning-rate", "1e30", "--seeds", "2", "--run", "sweep", "--json")).Json;
        Assert.That(result.GetProperty("best").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(File.Exists("sweep/model.safetensors"), Is.False);
    }

    [Test]
    public void A_sweep_that_was_stopped_goes_on_to_the_same_bits([Values(50, 250)] int milliseconds, [Values] bool isHalving)
    {
        string[] call = [.. isHalving ? Halving : [.. Mixed, "--keep", "all"], "--steps", "3000"];
        Succeed(Sweep([.. call, "--run", "whole"]));
        using var killed = new CancellationTokenSource(milliseconds);
        using var output = new StringWriter();
        Outcome outcome = Run(output, killed.Token, Sweep([.. call, "--run", "sweep"]));
        int stops = 0;
        for (double time = milliseconds; outcome.ExitCode == Interrupted && Directory.Exists("sweep"); time *= 1.1, stops++)
        {
            Assert.That(outcome.Error, Does.StartWith("makemore: interrupted"));
            using var again = new CancellationTokenSource((int)time);
            outcome = Run(output, again.Token, "sweep", "--resume", "sweep");
        }
        if (stops == 0)
        {
            Assert.Ignore("the sweep had ended, or had not begun, before it was stopped");
        }
        Assert.That(outcome.ExitCode, Is.EqualTo(Done), outcome.Error);
        AssertSame();
    }

    [Test]
    public void An_interrupt_tells_how_to_go_on() => RunUntil("folder ", Sweep("--seeds", "9", "--run", "sweep"))
        .AssertFailed(Interrupted, "0 of 9 networks", "makemore sweep --resume sweep");

    [Test]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void A_sweep_that_is_killed_has_each_network_once_and_the_same_bits() => Kill(times: 2);

    [Test, Explicit("it takes a minute")]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void So_it_is_after_twenty_kills() => Kill(times: 20);

    // The mean over seeds decides, and the schedule is that of the final length.
    [Test]
    public void Halving_keeps_the_better_half_at_each_rung()
    {
        Succeed(Sweep([.. Halving, "--steps", "400", "--run", "sweep"]));
        ILookup<int, NetworkResult> bySteps = Results("sweep").ToLookup(result => result.Outcome.Steps);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(bySteps[100].Count(), Is.EqualTo(4), "5 settings from 2 seeds, of which 3 go on");
            Assert.That(bySteps[200].Count(), Is.EqualTo(2));
            Assert.That(bySteps[400].Count(), Is.EqualTo(4), "of 3 settings 2 go on");
            foreach (NetworkResult result in bySteps[400])
            {
                AssertIsRun(result, "sweep");
            }
        }
    }

    // Two of the same kind, so that it does not matter which one trains a network.
    [TestCase(false)]
    [TestCase(true)]
    public void Several_accelerators_give_the_bits_of_one(bool isHalving)
    {
        string[] call = [.. isHalving ? Halving : [.. Mixed, "--keep", "all"], "--steps", "400"];
        Succeed(Sweep([.. call, "--run", "whole"]));
        Outcome outcome = Succeed(Sweep([.. call, "--run", "sweep", "--accelerator", "cpu,cpu"]));
        Assert.That(outcome.Output, Does.Contain("cpu:0,cpu:0"));
        AssertSame();
    }

    [Test]
    public void Several_accelerators_stop_and_go_on_together()
    {
        string[] call = [.. Mixed, "--keep", "all", "--steps", "20000"];
        Succeed(Sweep([.. call, "--run", "whole"]));
        using var stop = new CancellationTokenSource(300);
        using var output = new StringWriter();
        Run(output, stop.Token, Sweep([.. call, "--run", "sweep", "--accelerator", "cpu,cpu"]));
        Succeed("sweep", "--resume", "sweep");
        AssertSame();
    }

    [Test]
    public void A_damaged_checkpoint_costs_its_steps_alone()
    {
        string[] call = Sweep("--seeds", "2", "--steps", "30000", "--keep", "all", "--run");
        Succeed([.. call, "whole"]);
        using var output = new StringWriter();
        int milliseconds = 100;
        do
        {
            milliseconds += 50;
            using var stop = new CancellationTokenSource(milliseconds);
            Run(output, stop.Token, [.. call, "sweep", "--force"]);
        }
        while (!Directory.Exists("sweep/checkpoints") && !File.Exists("sweep/report.html"));
        if (!Directory.Exists("sweep/checkpoints"))
        {
            Assert.Ignore("the sweep had ended before it was stopped");
        }
        foreach (string checkpoint in Directory.GetFiles("sweep/checkpoints"))
        {
            byte[] bytes = File.ReadAllBytes(checkpoint);
            bytes[^5] ^= 1;
            File.WriteAllBytes(checkpoint, bytes);
        }
        Outcome outcome = Succeed("sweep", "--resume", "sweep");
        Assert.That(outcome.Error, Does.Contain("is damaged").And.Contains("is trained from its start"));
        AssertSame();
    }

    [Test]
    public void A_sweep_that_has_ended_tells_its_results_again()
    {
        Succeed(Sweep("--seeds", "2", "--run", "sweep"));
        byte[] model = File.ReadAllBytes("sweep/model.safetensors");
        JsonElement again = Succeed("sweep", "--resume", "sweep", "--json").Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(again.GetProperty("networks").GetInt32(), Is.EqualTo(2));
            Assert.That(again.GetProperty("steps_per_second").GetDouble(), Is.Zero);
            Assert.That(File.ReadAllBytes("sweep/model.safetensors"), Is.EqualTo(model));
        }
    }

    [Test]
    public void A_dry_run_writes_nothing_and_tells_what_it_would_take()
    {
        string[] call = Sweep([.. Mixed, "--steps", "40", "--dry-run", "--keep", "all", "--run", "sweep", "--json"]);
        string[] before = Listing();
        JsonElement plan = Succeed(call).Json;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(Listing(), Is.EqualTo(before));
            Assert.That(plan.GetProperty("networks").GetInt32(), Is.EqualTo(8));
            Assert.That(plan.GetProperty("steps").GetInt64(), Is.EqualTo(8 * 40));
            Assert.That(plan.GetProperty("memory_bytes").GetInt64(), Is.GreaterThan(10_000));
            Assert.That(plan.GetProperty("expected_seconds").GetDouble(), Is.GreaterThan(0));
        }
    }

    [Test]
    public void What_cannot_be_is_refused_before_anything_starts()
    {
        Succeed(Sweep("--seeds", "2", "--run", "there"));
        using (Assert.EnterMultipleScope())
        {
            Refuse(Sweep("--run", "new"), "--vary", "--seeds");
            Refuse(Sweep("--vary", "depth=1,2", "--run", "new"), "depth", "learning-rate", "hidden");
            Refuse(Sweep("--vary", "batch=32,1", "--run", "new"), "network 1 (batch=1)", "BatchNorm");
            Refuse(Sweep("--vary", "steps=10,20", "--halving", "--run", "new"), "--halving", "--steps");
            Refuse(Sweep("--vary", "activation=tanh,gelu", "--strategy", "fussed", "--run", "new"), "fussed");
            Refuse(
                Sweep("--vary", "hidden=5|6", "--normalization", "layer", "--strategy", "fused", "--run", "new"), "network 0 (hidden=5)");
            Refuse(Sweep("--seeds", "2", "--run", "there"), "there", "--force");
            Refuse(Sweep("--seeds", "2", "--run", "new", "--accelerator", "cpu,gpu"), "gpu");
            Refuse(["sweep", "--resume", "there", "--seeds", "3"], "--seeds", "leave it out");
            Refuse(["sweep", "--resume", "there", "--learning-rate", "3"], "--learning-rate", "leave it out");
            Refuse(["sweep", "--resume", "nowhere"], "nowhere");
            Refuse(["sweep", "--resume", "there", "--data", Write("other.txt", "anna\nbob\ncarl\n")], "other.txt", "the same names");
        }
    }

    [Test]
    public void A_sweep_that_cannot_be_read_is_refused()
    {
        Succeed(Sweep("--seeds", "2", "--run", "sweep"));
        byte[] bytes = File.ReadAllBytes("sweep/sweep.sqlite");
        File.WriteAllBytes("sweep/sweep.sqlite", bytes.AsSpan(0, 3000));
        Refuse(["sweep", "--resume", "sweep"], "sweep.sqlite");
        File.WriteAllText("sweep/sweep.sqlite", "no such thing");
        Refuse(["sweep", "--resume", "sweep"], "sweep.sqlite");
    }

    [Test]
    public void Two_processes_do_not_write_to_one_sweep()
    {
        string[] call = Sweep("--seeds", "40", "--steps", "100", "--run", "sweep");
        int refused = 0;
        RunWhile("folder ", () => refused += Run("sweep", "--resume", "sweep").ExitCode == WrongCall ? 1 : 0, call);
        Assert.That(refused, Is.EqualTo(1));
        Assert.That(Results("sweep"), Has.Count.EqualTo(40));
    }

    [Test]
    public void Force_begins_anew()
    {
        Succeed(Sweep("--seeds", "3", "--keep", "all", "--run", "sweep"));
        Succeed(Sweep("--seeds", "2", "--keep", "all", "--run", "sweep", "--force"));
        Assert.That(Results("sweep"), Has.Count.EqualTo(2));
        Assert.That(Directory.GetFiles("sweep/models"), Has.Length.EqualTo(2));
    }

    // A small sweep on a small list of names; any setting can be given another value, or vary.
    static string[] Sweep(params string[] options)
    {
        (string Option, string Value)[] small =
            [("--data", SmallNames.Write()), ("--accelerator", "cpu"), ("--hidden", "8"), ("--batch", "8"), ("--steps", "10")];
        return
        [
            "sweep",
            .. small.Where(setting => !options.Any(
                option => option == setting.Option || option.StartsWith($"{setting.Option[2..]}=", StringComparison.Ordinal)))
                .SelectMany(setting => new[] { setting.Option, setting.Value }),
            .. options,
        ];
    }

    static IReadOnlyList<NetworkResult> Results(string folder)
    {
        using var store = SweepStore.Read(Path.Combine(folder, "sweep.sqlite"));
        return store.Results();
    }

    static void Kill(int times)
    {
        string[] call = ["--vary", "learning-rate=log:0.01..1:4", "--vary", "hidden=7|9", "--steps", "20000", "--keep", "all"];
        Succeed(Sweep([.. call, "--run", "whole"]));
        string[] next = Sweep([.. call, "--run", "sweep"]);
        var random = new System.Random(times);
        for (int kill = 0; kill < times; kill++)
        {
            using var process = new MakemoreProcess(next);
            process.WaitFor("folder ");
            Thread.Sleep(random.Next(700));
            process.Send("KILL");
            process.End();
            next = ["sweep", "--resume", "sweep"];
        }
        Succeed(next);
        Assert.That(Results("sweep").Select(result => result.Network.Number), Is.EqualTo(Enumerable.Range(0, 8)));
        AssertSame();
    }

    static void AssertSame()
    {
        NetworkResult[] whole = [.. Results("whole")];
        NetworkResult[] parts = [.. Results("sweep")];
        using (Assert.EnterMultipleScope())
        {
            Assert.That(parts.Select(Bits), Is.EqualTo(whole.Select(Bits)));
            Assert.That(File.ReadAllBytes("sweep/model.safetensors"), Is.EqualTo(File.ReadAllBytes("whole/model.safetensors")));
            foreach (string model in Directory.GetFiles("whole/models"))
            {
                string other = Path.Combine("sweep/models", Path.GetFileName(model));
                Assert.That(File.ReadAllBytes(other), Is.EqualTo(File.ReadAllBytes(model)), model);
            }
        }
    }

    // All but the time that it took.
    static string Bits(NetworkResult result) => string.Join(
        ' ', result.Network.Number, result.Network.Configuration.ToJson(), result.Outcome.End, result.Outcome.Steps,
        JsonSerializer.Serialize(result.Outcome.Losses), JsonSerializer.Serialize(result.Outcome.Curve));

    static void AssertIsRun(NetworkResult result, string folder)
    {
        string[] settings = [.. result.Network.Settings.SelectMany(setting => new[] { $"--{setting.Name}", setting.Value })];
        string[] call = Training([.. settings, "--steps", $"{result.Network.Configuration.Steps}", "--run", "alone", "--force", "--json"]);
        Outcome alone = Run(call);
        if (result.Outcome.End == NetworkEnd.Diverged)
        {
            Assert.That(alone.ExitCode, Is.EqualTo(FailedAtWork));
            Assert.That(alone.Error, Does.Contain($"at step {result.Outcome.Steps}"));
            return;
        }
        string model = Path.Combine(folder, "models", $"{result.Network.Number}.safetensors");
        Assert.That(
            alone.Json.GetProperty("losses").Deserialize<Dictionary<string, double>>(), Is.EqualTo(result.Outcome.Losses), alone.Error);
        Assert.That(File.ReadAllBytes(model), Is.EqualTo(File.ReadAllBytes("alone/model.safetensors")));
        Assert.That(ModelFile.Read(model).Configuration.ToJson(), Is.EqualTo(result.Network.Configuration.ToJson()));
    }
}
