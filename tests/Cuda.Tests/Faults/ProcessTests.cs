using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Faults;

/// <summary>The program as a process of its own, with the stand-in for its driver.</summary>
sealed class ProcessTests : CommandTests
{
    [OneTimeSetUp]
    public void RequireDriver() => StandInDriver.Require();

    static Outcome Start(string[] args, params (string Name, string Value)[] environment) =>
        MakemoreProcess.Run(args, [("LD_LIBRARY_PATH", StandInDriver.Folder), .. environment]);

    [Test]
    public void A_lost_device_ends_the_process_with_one_line() =>
        Start(Training("--accelerator", "cuda", "--strategy", "layered"), ("STANDIN_FAULT", "cuLaunchKernel:100:719:sticky"))
            .AssertFailed(FailedAtWork, "a kernel failed on the GPU");

    [Test]
    public void A_driver_that_does_not_start_ends_it_with_another() =>
        Start(Training("--accelerator", "cuda"), ("STANDIN_FAULT", "cuInit:1:803:sticky"))
            .AssertFailed(WrongCall, "do not belong together");

    [Test]
    public void The_environment_shows_other_devices() => Assert.That(
        Start(["devices"], ("STANDIN_CAPABILITY", "6.1")).Output,
        Does.Contain("passed over: CUDA Stand-in, SM_61: its compute capability 6.1 is below 7.0"));
}
