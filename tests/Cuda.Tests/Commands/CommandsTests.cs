using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Commands;

/// <summary>The commands of the program on a GPU that computes nothing: they come to their ends, and give back what they took.</summary>
sealed class CommandsTests : CommandTests
{
    [OneTimeSetUp]
    public void RequireDriver() => StandInDriver.Require();

    [SetUp]
    public void ShowDevice()
    {
        StandInDriver.Mend();
        StandInDriver.Show(StandInDevice.Newest);
    }

    [TearDown]
    public void AllIsGivenBack() => Assert.That(StandInDriver.UsedBytes, Is.Zero);

    [Test]
    public void Devices_shows_it_as_the_choice_of_auto() => Assert.That(
        Succeed("devices").Output, Does.Contain("cuda:0 (auto)").And.Contain("CUDA Hopper, SM_90").And.Contain("a CUDA GPU comes first"));

    [Test]
    public void Training_evaluation_and_sampling_come_to_their_ends()
    {
        Outcome outcome = Train("--accelerator", "cuda", "--strategy", "layered", "--run", "run", "--watch");
        Assert.That(outcome.Output, Does.Contain("cuda:0"));
        string model = Path.Combine("run", "model.safetensors");
        Succeed("evaluate", "--model", model, "--data", SmallNames.FileName, "--accelerator", "cuda", "--statistics", "calibrated");
        Succeed("sample", "--model", model, "--count", "2", "--accelerator", "cuda");
    }

    [Test]
    public void So_does_fused_training() => Train("--accelerator", "cuda", "--strategy", "fused");

    // No kernel ran: what the check finds is wrong, and it says so.
    [Test]
    public void Check_comes_to_its_end() =>
        Assert.That(Run("check", "--data", SmallNames.Write(), "--accelerator", "cuda").ExitCode, Is.EqualTo(FailedAtWork));
}
