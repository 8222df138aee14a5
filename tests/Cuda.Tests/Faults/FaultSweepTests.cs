using System.Text.Json;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Model.Checkpoints;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Faults;

/// <summary>
/// Whatever call of the driver fails in a short training, the program says so in one line, and what it had written stays whole.
/// </summary>
sealed class FaultSweepTests : CommandTests
{
    const int LaunchFailed = 719;

    static string[] Call => Training("--accelerator", "cuda", "--strategy", "layered", "--recipe", "naive", "--steps", "3", "--run", "run");

    Dictionary<string, int>? counts;

    [OneTimeSetUp]
    public void RequireDriver() => StandInDriver.Require();

    [SetUp]
    public void ShowDevice() => StandInDriver.Show(StandInDevice.Newest);

    [TearDown]
    public void MendDriver() => StandInDriver.Mend();

    // Calls at the start and the end of the program. Those of training itself are tested without starting anew for each.
    [Test]
    public void A_call_of_the_driver_may_fail()
    {
        using (Assert.EnterMultipleScope())
        {
            foreach (string function in Counts().Keys.Except(TrainingFaultTests.Functions))
            {
                AssertFault(function, 1, isSticky: false);
            }
            AssertFault("cuStreamSynchronize", Counts()["cuStreamSynchronize"], isSticky: false);
        }
    }

    // A device that is lost stays so: giving back what was taken fails, too.
    [Test]
    public void The_device_may_be_lost()
    {
        using (Assert.EnterMultipleScope())
        {
            AssertFault("cuMemcpyAsync", 1, isSticky: true);
            AssertFault("cuLaunchKernel", Counts()["cuLaunchKernel"] / 2, isSticky: true);
            AssertFault("cuMemFree_v2", Counts()["cuMemFree_v2"], isSticky: true);
        }
    }

    // How often each function is called where nothing fails.
    Dictionary<string, int> Counts()
    {
        if (counts is null)
        {
            StandInDriver.Forget();
            Succeed(Call);
            Directory.Delete("run", recursive: true);
            counts = StandInDriver.Calls.Where(call => call.Mode != CallMode.Replayed).CountBy(call => call.Name).ToDictionary();
        }
        return counts;
    }

    static void AssertFault(string function, int nth, bool isSticky)
    {
        StandInDriver.Fail(function, nth, LaunchFailed, isSticky);
        Outcome outcome = Run(Call);
        StandInDriver.Mend();
        string where = $"{function}, call {nth}: exit code {outcome.ExitCode}, {outcome.Error}";
        if (outcome.ExitCode == Done)
        {
            // All was done, and only then did the accelerator not go as it should.
            Assert.That(File.Exists(Path.Combine("run", "model.safetensors")), where);
            Assert.That(outcome.Error, Is.Empty, where);
            Assert.That(outcome.OutputLines, Has.Length.GreaterThan(20), where);
        }
        else
        {
            Assert.That(outcome.ExitCode, Is.EqualTo(FailedAtWork).Or.EqualTo(WrongCall), where);
            Assert.That(outcome.ErrorLines, Has.Length.EqualTo(1), where);
            Assert.That(outcome.Error, Does.StartWith("makemore: ").And.Not.Contain("   at "), where);
            Assert.That(outcome.Error, Does.Contain("719").Or.Contains("do not answer"), where);
        }
        AssertWhole("run");
    }

    // The folder as far as it got, which goes then.
    static void AssertWhole(string folder)
    {
        if (!Directory.Exists(folder))
        {
            return;
        }
        Assert.That(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "config.json"))), Throws.Nothing);
        string metrics = File.ReadAllText(Path.Combine(folder, "metrics.jsonl"));
        Assert.That(metrics, Is.Empty.Or.EndsWith("\n"));
        Assert.That(
            () => Array.ForEach(metrics.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => JsonDocument.Parse(line)),
            Throws.Nothing);
        string model = Path.Combine(folder, "model.safetensors");
        // What a run has done is written right after its model.
        Assert.That(Directory.GetFiles(folder), Has.Length.EqualTo(File.Exists(model) ? 4 : 2), "half a file is left");
        if (File.Exists(model))
        {
            Assert.That(() => JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "result.json"))), Throws.Nothing);
            Assert.That(() => ModelFile.Read(model), Throws.Nothing);
        }
        Directory.Delete(folder, recursive: true);
    }
}
