using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Runner.Tests;

/// <summary>What only the real program shows: its exit code, its streams, and how it takes signals.</summary>
sealed class ProcessTests : CommandTests
{
    const int InterruptNumber = 2;

    static readonly string Model = Path.Combine("run", "model.safetensors");

    [Test]
    public void A_call_that_is_done_ends_with_0_and_writes_to_standard_output()
    {
        Outcome outcome = MakemoreProcess.Run(["devices"]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(Done));
            Assert.That(outcome.Output, Does.Contain("cpu:0"));
            Assert.That(outcome.Error, Is.Empty);
        }
    }

    [Test]
    public void A_call_that_is_wrong_ends_with_2_and_one_line_on_standard_error()
    {
        Outcome outcome = MakemoreProcess.Run(["train", "--data", "nowhere.txt"]);
        outcome.AssertFailed(WrongCall, "nowhere.txt");
        Assert.That(outcome.Output, Is.Empty);
    }

    [Test]
    public void Work_that_fails_ends_with_1() =>
        MakemoreProcess.Run(Training("--learning-rate", "1e30", "--run", "run")).AssertFailed(FailedAtWork, "--learning-rate");

    [Test]
    public void Json_alone_goes_to_standard_output_and_the_text_to_standard_error()
    {
        Outcome outcome = MakemoreProcess.Run(Training("--run", "run", "--json"));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(Done));
            Assert.That(outcome.Json.GetProperty("model").GetString(), Is.EqualTo(Model));
            Assert.That(outcome.ErrorLines, Has.Some.StartsWith("losses"));
        }
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void A_signal_stops_training_with_a_usable_model(
        [Values("INT", "TERM", "HUP")] string signal)
    {
        if (signal == "INT" && IsInterruptIgnored())
        {
            Assert.Ignore("the tests were started with SIGINT ignored, and what they start inherits that");
        }
        using var process = new MakemoreProcess(Training("--steps", "2000000000", "--run", "run"));
        process.WaitFor("step 0 ");
        process.Send(signal);
        Outcome outcome = process.End();
        outcome.AssertFailed(signal switch { "TERM" => 143, "HUP" => 129, _ => Interrupted }, Model);
        Assert.That(outcome.Output, Does.Not.Contain("losses"));
        Assert.That(Sample(Model), Has.Length.EqualTo(20));
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void A_run_whose_terminal_may_close_goes_on()
    {
        // As nohup starts it.
        string program = Path.Combine(AppContext.BaseDirectory, "makemore.dll");
        string call = string.Join(' ', Training("--steps", "300000", "--run", "run"));
        using var shell = Process.Start("/bin/sh", ["-c", $"""
            trap '' HUP
            dotnet '{program}' {call} >output.txt &
            until grep -q '^step 0 ' output.txt; do sleep 0.1; done
            kill -HUP $!
            wait $!
            """]);
        shell.WaitForExit();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(shell.ExitCode, Is.Zero);
            Assert.That(File.ReadAllText("output.txt"), Does.Contain("losses"));
        }
    }

    [Test]
    public void Runs_that_start_together_get_folders_of_their_own()
    {
        const int Count = 6;
        MakemoreProcess[] processes = [.. Enumerable.Range(0, Count).Select(seed =>
            new MakemoreProcess(Training("--steps", "20", "--seed", seed.ToString(CultureInfo.InvariantCulture))))];
        using (Assert.EnterMultipleScope())
        {
            foreach (MakemoreProcess process in processes)
            {
                Assert.That(process.End().ExitCode, Is.EqualTo(Done));
                process.Dispose();
            }
            string[] folders = Directory.GetDirectories("runs");
            Assert.That(folders.Select(Path.GetFileName), Is.EquivalentTo(Enumerable.Range(1, Count).Select(i => $"batchnorm-{i}")));
            foreach (string folder in folders)
            {
                JsonElement settings = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json"))).RootElement;
                var model = ModelFile.Read(Path.Combine(folder, "model.safetensors"));
                Assert.That(model.Configuration.Seed, Is.EqualTo(settings.GetProperty("seed").GetUInt64()), folder);
                Assert.That(File.ReadLines(Path.Combine(folder, "metrics.jsonl")).Count(), Is.EqualTo(20), folder);
            }
        }
    }

    // Nobody writes to the pipe: not even its opening comes to an end.
    [TestCase("TERM", 143)]
    [TestCase("HUP", 129)]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void A_pipe_that_nobody_writes_to_is_told_and_can_be_interrupted(string signal, int exitCode)
    {
        using (var make = Process.Start("mkfifo", ["names.fifo"]))
        {
            make.WaitForExit();
            Assert.That(make.ExitCode, Is.Zero);
        }
        using var process = new MakemoreProcess(["train", "--data", "names.fifo", "--run", "run"]);
        process.WaitFor("reading      names.fifo");
        process.Send(signal);
        process.End().AssertFailed(exitCode, "interrupted");
        Assert.That(Directory.Exists("run"), Is.False);
    }

    [TestCase("explore", "calibration", "--steps", "100000000")]
    [TestCase("recipes", "--steps", "100000000")]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void An_experiment_can_be_interrupted(params string[] call)
    {
        using var process = new MakemoreProcess([.. call, "--data", SmallNames.Write(), "--accelerator", "cpu"]);
        process.WaitFor("accelerator");
        process.Send("TERM");
        process.End().AssertFailed(143, "interrupted");
    }

    // Its names are evaluated for minutes.
    [TestCase("inspect")]
    [TestCase("evaluate")]
    [Platform(Exclude = "Win", Reason = "signals are sent by a shell")]
    public void A_large_model_can_be_interrupted(string command)
    {
        string[] size = ["--hidden", "3000,3000", "--steps", "0"];
        string names = Write("names.txt", string.Join('\n', Enumerable.Range(0, 40_000).Select(i => $"anna{i:D6}")));
        Run(new StringWriter(), new CancellationToken(canceled: true), Training([.. size, "--data", names, "--run", "run"]));
        using var process = new MakemoreProcess(
            command == "inspect"
                ? ["inspect", "--run", "run", "--accelerator", "cpu"]
                : ["evaluate", "--model", Model, "--accelerator", "cpu"]);
        process.WaitForWork();
        process.Send("TERM");
        process.End().AssertFailed(143, "interrupted");
    }

    // The bits of a run depend on them.
    [TestCase("0", "portable")]
    [TestCase("1", "avx512|avx2|portable")]
    public void The_settings_of_a_run_hold_the_vectors_of_the_processor(string hardware, string vectors)
    {
        MakemoreProcess.Run(Training("--run", "run"), ("DOTNET_EnableHWIntrinsic", hardware));
        JsonElement settings = JsonDocument.Parse(File.ReadAllText(Path.Combine("run", "config.json"))).RootElement;
        Assert.That(settings.GetProperty("vectors").GetString(), Does.Match($"^({vectors})$"));
    }

    [Test]
    public void A_folder_that_another_run_writes_to_is_refused_even_by_force()
    {
        using var process = new MakemoreProcess(Training("--steps", "2000000000", "--run", "run"));
        process.WaitFor("step 0 ");
        Run(Training("--run", "run", "--force")).AssertFailed(WrongCall, "'run'", "another process");
        Assert.That(File.Exists(Path.Combine("run", "config.json")), Is.True);
    }

    // Linux tells which signals a process ignores; a job in the background of a plain shell ignores SIGINT.
    static bool IsInterruptIgnored()
    {
        const string Status = "/proc/self/status";
        const string Ignored = "SigIgn:";
        if (!File.Exists(Status))
        {
            return false;
        }
        string line = File.ReadLines(Status).First(entry => entry.StartsWith(Ignored, StringComparison.Ordinal));
        ulong signals = ulong.Parse(line[Ignored.Length..].Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
        return (signals & (1ul << (InterruptNumber - 1))) != 0;
    }
}
