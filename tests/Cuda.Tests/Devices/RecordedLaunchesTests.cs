using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Cuda.Tests.Driver;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Devices;

/// <summary>A list of launches on the driver: recorded once, replayed after, and given back whatever fails.</summary>
sealed class RecordedLaunchesTests : CudaTests
{
    const int Launches = 2;

    // CUDA_ERROR_LAUNCH_FAILED: one that ends no capture by itself.
    const int Fault = 719;

    // CUDA_ERROR_…, which ILGPU knows by their numbers.
    const string StreamCaptureUnsupported = "900";
    const string StreamCaptureInvalidated = "901";

    static readonly string[] Capture = ["cuStreamBeginCapture_v2", "cuStreamEndCapture", "cuGraphInstantiateWithFlags", "cuGraphDestroy"];

    AcceleratorCatalog catalog = null!;
    KernelSet kernels = null!;
    MemoryBuffer1D<float, Stride1D.Dense> x = null!;
    MemoryBuffer1D<float, Stride1D.Dense> y = null!;

    [TearDown]
    public void Close()
    {
        StandInDriver.Mend();
        x.Dispose();
        y.Dispose();
        kernels.Accelerator.Dispose();
        catalog.Dispose();
    }

    [Test]
    public void The_first_run_is_plain_the_second_is_recorded_and_each_but_the_first_is_replayed()
    {
        Start();
        using RecordedLaunches launches = Record();
        launches.Run(1);
        Assert.That(Calls(), Is.EqualTo(Enumerable.Repeat(("cuLaunchKernel", CallMode.Plain), Launches)));

        StandInDriver.Forget();
        launches.Run(1);
        (string, CallMode)[] captured = [.. Enumerable.Repeat(("cuLaunchKernel", CallMode.Captured), Launches)];
        (string, CallMode)[] replayed =
            [("cuGraphLaunch", CallMode.Plain), .. Enumerable.Repeat(("cuLaunchKernel", CallMode.Replayed), Launches)];
        Assert.That(Calls(), Is.EqualTo(
            [(Capture[0], CallMode.Plain), .. captured, .. Capture[1..].Select(name => (name, CallMode.Plain)), .. replayed]));

        StandInDriver.Forget();
        launches.Run(1);
        launches.Run(1);
        Assert.That(Calls(), Is.EqualTo([.. replayed, .. replayed]));

        StandInDriver.Forget();
        launches.Dispose();
        launches.Dispose();
        Assert.That(Calls(), Is.EqualTo([("cuGraphExecDestroy", CallMode.Plain)]));
    }

    [Test]
    public void What_is_replayed_is_what_was_launched()
    {
        Start();
        using RecordedLaunches launches = Record();
        launches.Run(1);
        launches.Run(1);
        DriverCall[] plain = DriverCalls.Launches(CallMode.Plain);
        Assert.That(DriverCalls.Launches(CallMode.Replayed).Select(DriverCalls.Essence), Is.EqualTo(plain.Select(DriverCalls.Essence)));
        Assert.That(
            StandInDriver.Calls.Where(call => call.Name == "cuGraphLaunch").Select(call => call.Stream), Is.EqualTo([plain[0].Stream]));
    }

    [TestCase(11030, 0)]
    [TestCase(11040, 1)]
    public void A_driver_from_before_graphs_gets_plain_launches(int driver, int captures)
    {
        Start(StandInDevice.All[0] with { DriverVersion = driver });
        using RecordedLaunches launches = Record();
        launches.Run(1);
        launches.Run(1);
        launches.Run(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DriverCalls.Count(Capture[0]), Is.EqualTo(captures));
            Assert.That(
                DriverCalls.Launches(CallMode.Plain).Length + DriverCalls.Launches(CallMode.Replayed).Length, Is.EqualTo(3 * Launches));
        }
    }

    // A graph that was made is destroyed, and the next run records anew.
    [TestCase("cuStreamBeginCapture_v2", 0, 0)]
    [TestCase("cuLaunchKernel", 1, 0)]
    [TestCase("cuGraphInstantiateWithFlags", 1, 0)]
    [TestCase("cuGraphLaunch", 1, 1)]
    public void A_fault_of_the_driver_is_thrown_once_and_leaves_no_capture_open(string function, int destroyed, int kept)
    {
        Start();
        using RecordedLaunches launches = Record();
        launches.Run(1);
        StandInDriver.Forget();
        StandInDriver.Fail(function, function == "cuLaunchKernel" ? Launches : 1, Fault);
        CudaException fault = Assert.Throws<CudaException>(() => launches.Run(1))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault.Error, Is.EqualTo(nameof(CudaError.CUDA_ERROR_LAUNCH_FAILED)));
            Assert.That(DriverCalls.Count("cuStreamEndCapture"), Is.EqualTo(destroyed), "captures ended");
            Assert.That(DriverCalls.Count("cuGraphDestroy"), Is.EqualTo(destroyed), "graphs destroyed");
        }

        StandInDriver.Mend();
        StandInDriver.Forget();
        launches.Run(1);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(DriverCalls.Count(Capture[0]), Is.EqualTo(1 - kept));
            Assert.That(DriverCalls.Launches(CallMode.Replayed), Has.Length.EqualTo(Launches));
        }
    }

    // What may not be in the list is refused by the driver, which then gives no graph: also where the list itself hides the fault.
    [TestCase(false, StreamCaptureUnsupported)]
    [TestCase(true, StreamCaptureInvalidated)]
    public void Waiting_cannot_be_recorded(bool hides, string error)
    {
        Start();
        bool waits = false;
        using var launches = new RecordedLaunches(kernels.Launcher, () =>
        {
            kernels.Tanh.Forward(x.View, y.View);
            try
            {
                if (waits)
                {
                    kernels.Stream.Synchronize();
                }
            }
            catch (CudaException) when (hides)
            {
            }
        });
        launches.Run(1);
        StandInDriver.Forget();
        waits = true;
        CudaException fault = Assert.Throws<CudaException>(() => launches.Run(1))!;
        using (Assert.EnterMultipleScope())
        {
            Assert.That(fault.Error, Is.EqualTo(error));
            Assert.That(StandInDriver.Calls.Where(call => call.Name.StartsWith("cuGraph", StringComparison.Ordinal)), Is.Empty);
        }

        waits = false;
        launches.Run(1);
        Assert.That(DriverCalls.Launches(CallMode.Replayed), Has.Length.EqualTo(1));
    }

    [Test]
    public void A_recording_of_a_lost_device_can_be_given_back()
    {
        Start();
        RecordedLaunches launches = Record();
        launches.Run(1);
        launches.Run(1);
        StandInDriver.Fail("cuGraphLaunch", 1, Fault, isSticky: true);
        Assert.That(() => launches.Run(1), Throws.TypeOf<CudaException>());
        Assert.That(launches.Dispose, Throws.Nothing);
    }

    void Start(StandInDevice? device = null)
    {
        StandInDriver.Show(device ?? StandInDevice.Newest);
        catalog = KernelContext.OpenCatalog();
        kernels = new KernelSet(catalog.Start(catalog.Choose("cuda")));
        x = kernels.Accelerator.Allocate1D<float>(1000);
        y = kernels.Accelerator.Allocate1D<float>(1000);
    }

    // There and back.
    RecordedLaunches Record()
    {
        // Kernels are loaded when they are first used.
        kernels.Tanh.Forward(x.View, y.View);
        kernels.Tanh.Backward(y.View, y.View, x.View);
        StandInDriver.Forget();
        return new RecordedLaunches(kernels.Launcher, () =>
        {
            kernels.Tanh.Forward(x.View, y.View);
            kernels.Tanh.Backward(y.View, x.View, y.View);
        });
    }

    static IEnumerable<(string, CallMode)> Calls() => StandInDriver.Calls.Select(call => (call.Name, call.Mode));
}
