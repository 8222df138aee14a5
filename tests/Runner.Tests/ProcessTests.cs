using System.Globalization;
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
    public void A_signal_stops_training_with_a_usable_model([Values("INT", "TERM")] string signal)
    {
        if (signal == "INT" && IsInterruptIgnored())
        {
            Assert.Ignore("the tests were started with SIGINT ignored, and what they start inherits that");
        }
        using var process = new MakemoreProcess(Training("--steps", "2000000000", "--run", "run"));
        process.WaitFor("step 0 ");
        process.Send(signal);
        Outcome outcome = process.End();
        outcome.AssertFailed(Interrupted, Model);
        Assert.That(outcome.Output, Does.Not.Contain("losses"));
        Assert.That(Sample(Model), Has.Length.EqualTo(20));
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
