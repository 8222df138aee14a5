using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Runner.Tests.Support;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Faults;

/// <summary>What the program says of a device that is not there, is not able, or fails.</summary>
sealed class FaultTests : CommandTests
{
    const int OutOfMemory = 2;

    [OneTimeSetUp]
    public void RequireDriver() => StandInDriver.Require();

    [SetUp]
    public void ShowDevice() => StandInDriver.Show(StandInDevice.Newest);

    [TearDown]
    public void MendDriver() => StandInDriver.Mend();

    static IEnumerable<TestCaseData> UselessDevices =>
    [
        Case("no device", StandInDevice.Newest with { Count = 0 }, "finds no GPU"),
        Case("old driver", StandInDevice.Newest with { DriverVersion = 8000 }, "CUDA 8.0", "too old", "update NVIDIA's driver"),
        Case(
            "old device", StandInDevice.Newest with { Name = "Pascal", Major = 6, Minor = 1 }, "Pascal", "6.1", "below 7.0",
            "OpenCL or the CPU"),
        Case("device of another age", StandInDevice.Newest with { Major = 2, Minor = 0 }, "1 of 1 GPUs do not answer"),
    ];

    static TestCaseData Case(string name, StandInDevice device, params string[] mentions) =>
        new TestCaseData(device, mentions).SetArgDisplayNames(name);

    [TestCaseSource(nameof(UselessDevices))]
    public void A_device_that_is_of_no_use_is_refused_with_the_reason(StandInDevice device, string[] mentions)
    {
        StandInDriver.Show(device);
        Refuse(Training("--accelerator", "cuda"), ["accelerator cuda is not there", .. mentions]);
        string listed = string.Join(
            '\n', Succeed("devices").OutputLines.Where(line => line.StartsWith("passed over: CUDA", StringComparison.Ordinal)));
        foreach (string mention in mentions)
        {
            Assert.That(listed, Does.Contain(mention));
        }
    }

    [Test]
    public void Without_a_useful_device_auto_takes_another()
    {
        StandInDriver.Show(StandInDevice.Newest with { Count = 0 });
        Assert.That(Train("--accelerator", "auto", "--steps", "1").Output, Does.Not.Contain("cuda:0"));
    }

    [TestCase(46, "busy", "end that program")]
    [TestCase(802, "not ready", "fabric manager")]
    [TestCase(803, "do not belong together", "restart the machine")]
    [TestCase(804, "LD_LIBRARY_PATH")]
    [TestCase(999, "no longer answers", "nvidia-smi --gpu-reset")]
    [TestCase(34, "error 34", "another --accelerator")]
    public void A_driver_that_does_not_start_is_told(int error, params string[] mentions)
    {
        StandInDriver.Fail("cuInit", 1, error);
        Refuse(Training("--accelerator", "cuda"), ["accelerator cuda is not there", .. mentions]);
    }

    [TestCase(OutOfMemory, "out of memory", "end other programs")]
    [TestCase(46, "busy", "end that program")]
    public void A_device_that_does_not_start_is_told(int error, params string[] mentions)
    {
        StandInDriver.Fail("cuCtxCreate_v2", 1, error);
        Refuse(Training("--accelerator", "cuda"), ["could not be started", .. mentions]);
    }

    // The network, the data, the activations, and what evaluation needs.
    [TestCase("layered", 1)]
    [TestCase("layered", 10)]
    [TestCase("fused", 9)]
    public void Too_little_memory_is_told_with_what_to_make_smaller(string strategy, int allocation)
    {
        StandInDriver.Fail("cuMemAlloc_v2", allocation, OutOfMemory);
        Run(Training("--accelerator", "cuda", "--strategy", strategy)).AssertFailed(FailedAtWork, "out of memory", "--hidden", "--batch");
    }

    [Test]
    public void A_network_that_is_larger_than_the_device_is_refused()
    {
        StandInDriver.Show(StandInDevice.Newest with { MemoryBytes = 1 << 20 });
        Run(Training("--accelerator", "cuda", "--hidden", "4096")).AssertFailed(WrongCall, "cuda:0 has 1 MiB", "--hidden");
    }

    [TestCase("cuLaunchKernel", 719, "a kernel failed", "report it")]
    [TestCase("cuModuleLoadDataEx", 222, "update NVIDIA's driver")]
    [TestCase("cuStreamSynchronize", 700, "a kernel failed", "report it")]
    [TestCase("cuStreamSynchronize", 702, "ran too long", "a screen", "--batch")]
    [TestCase("cuStreamSynchronize", 214, "ECC", "reset the GPU")]
    [TestCase("cuMemcpyAsync", 701, "more registers", "--strategy layered")]
    [TestCase("cuMemcpyAsync", 999, "no longer answers")]
    [TestCase("cuMemcpyAsync", 1, "error 1", "invalid argument")]
    public void A_fault_at_work_is_told(string function, int error, params string[] mentions)
    {
        StandInDriver.Fail(function, 1, error, isSticky: true);
        Run(Training("--accelerator", "cuda", "--strategy", "layered")).AssertFailed(FailedAtWork, mentions);
    }

    // The losses of the steps that were run stand in the folder, and can be read.
    [Test]
    public void A_device_that_is_lost_late_leaves_the_losses_so_far()
    {
        string[] call = Training("--accelerator", "cuda", "--strategy", "layered", "--steps", "250", "--run", "run");
        // One copy takes the indices of a chunk to the device: the third chunk does not get there.
        StandInDriver.Forget();
        Succeed([.. call[..^1], "whole"]);
        int third = StandInDriver.Calls.Where(call => call.Name == "cuMemcpyAsync").Select((copy, index) => (copy, index))
            .Where(item => item.copy.Direction == CopyDirection.HostToDevice && item.copy.Bytes == 8 * 100 * sizeof(int))
            .ElementAt(2).index;
        StandInDriver.Fail("cuMemcpyAsync", third + 1, 719, isSticky: true);
        Run(call).AssertFailed(FailedAtWork, "719");
        Assert.That(File.ReadLines(Path.Combine("run", "metrics.jsonl")).Count(), Is.InRange(2, 249));
    }

    [Test]
    public void An_earlier_run_stays_where_the_device_does_not_start()
    {
        Train("--run", "run");
        string[] before = Listing();
        StandInDriver.Fail("cuCtxCreate_v2", 1, OutOfMemory);
        Refuse(Training("--accelerator", "cuda", "--run", "run", "--force"), "could not be started");
        Assert.That(Listing(), Is.EqualTo(before));
    }
}
