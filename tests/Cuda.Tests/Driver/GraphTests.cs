using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Makemore.Gpu.Kernels;
using Makemore.Gpu.Kernels.Devices;
using NUnit.Framework;

namespace Makemore.Gpu.Cuda.Tests.Driver;

/// <summary>The stand-in captures streams into graphs as a driver does, and refuses what cannot be captured.</summary>
sealed partial class GraphTests : CudaTests
{
    const int ThreadLocal = 1;
    const int Unsupported = 900;
    const int Invalidated = 901;

    AcceleratorCatalog? catalog;
    Accelerator? accelerator;
    CudaStream? stream;
    KernelSet? kernels;
    MemoryBuffer1D<float, Stride1D.Dense>? x;

    [SetUp]
    public void Start()
    {
        catalog = KernelContext.OpenCatalog();
        accelerator = catalog.Start(catalog.Choose("cuda"));
        stream = (CudaStream)accelerator.CreateStream();
        kernels = new KernelSet(new Launcher(accelerator, stream, LaunchShape.For(accelerator.Device)));
        x = accelerator.Allocate1D<float>(8);
        kernels.Tanh.Forward(x.View, x.View);
        StandInDriver.Forget();
    }

    [TearDown]
    public void End()
    {
        x?.Dispose();
        accelerator?.Dispose();
        catalog?.Dispose();
    }

    [Test]
    public void A_captured_launch_is_done_by_each_launch_of_the_graph()
    {
        Begin();
        kernels!.Tanh.Forward(x!.View, x.View);
        x.MemSet(stream!, 1);
        Assert.That(cuStreamEndCapture(stream!.StreamPtr, out nint graph), Is.Zero);
        Assert.That(x.GetAsArray1D(), Is.All.Zero, "nothing was done yet");
        Assert.That(cuGraphInstantiateWithFlags(out nint executable, graph, 0), Is.Zero);
        Assert.That(cuGraphDestroy(graph), Is.Zero);
        StandInDriver.Forget();
        for (int i = 0; i < 3; i++)
        {
            Assert.That(cuGraphLaunch(executable, stream.StreamPtr), Is.Zero);
        }
        DriverCall[] replayed = [.. StandInDriver.Calls.Where(call => call.Mode == CallMode.Replayed)];
        Assert.That(
            replayed.Select(call => call.Name),
            Is.EqualTo(Enumerable.Repeat(new[] { "cuLaunchKernel", "cuMemsetD8Async" }, 3).SelectMany(pair => pair)));
        Assert.That(BitConverter.ToInt64(replayed[0].Arguments), Is.EqualTo((long)x.NativePtr));
        Assert.That(MemoryMarshal.AsBytes<float>(x.GetAsArray1D()).ToArray(), Is.All.EqualTo(1));
        Assert.That(cuGraphExecDestroy(executable), Is.Zero);
    }

    static IEnumerable<TestCaseData> Refused =>
    [
        new TestCaseData((GraphTests test) => test.accelerator!.Allocate1D<float>(1).Dispose()).SetArgDisplayNames("allocation"),
        new TestCaseData((GraphTests test) => test.x!.View.CopyFromCPU(test.stream!, new float[8]))
            .SetArgDisplayNames("copy from the host"),
        new TestCaseData((GraphTests test) => test.x!.View.CopyToCPU(test.stream!, new float[8])).SetArgDisplayNames("copy to the host"),
        new TestCaseData((GraphTests test) => test.stream!.Synchronize()).SetArgDisplayNames("waiting for the stream"),
        new TestCaseData((GraphTests test) => test.accelerator!.Synchronize()).SetArgDisplayNames("waiting for the device"),
    ];

    [TestCaseSource(nameof(Refused))]
    public void What_cannot_be_captured_is_refused_and_spoils_the_graph(Action<GraphTests> work)
    {
        Begin();
        Assert.That(() => work(this), Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.Error)).EqualTo($"{Unsupported}"));
        Assert.That(cuStreamEndCapture(stream!.StreamPtr, out nint graph), Is.EqualTo(Invalidated));
        Assert.That(graph, Is.EqualTo(nint.Zero));
    }

    [Test]
    public void The_default_stream_cannot_be_captured() => Assert.That(cuStreamBeginCapture_v2(0, ThreadLocal), Is.EqualTo(Unsupported));

    void Begin()
    {
        accelerator!.Bind();
        Assert.That(cuStreamBeginCapture_v2(stream!.StreamPtr, ThreadLocal), Is.Zero);
    }

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuStreamBeginCapture_v2(nint stream, int mode);

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuStreamEndCapture(nint stream, out nint graph);

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuGraphInstantiateWithFlags(out nint executable, nint graph, ulong flags);

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuGraphLaunch(nint executable, nint stream);

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuGraphDestroy(nint graph);

    [LibraryImport(StandInDriver.FileName)]
    private static partial int cuGraphExecDestroy(nint executable);
}
