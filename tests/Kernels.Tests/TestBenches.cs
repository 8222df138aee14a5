using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>
/// The benches of this machine: every accelerator under test (<see cref="AcceleratorCatalog.DevicesUnderTest"/>), each with its own launch
/// shape and with others that a kernel must be right for, too. Accelerators are started once and shared by all tests, which run one after
/// another.
/// </summary>
[SetUpFixture]
sealed class TestBenches
{
    static readonly AcceleratorCatalog Catalog = KernelContext.OpenCatalog();

    // The catalog's own CPU accelerator has groups of two threads at most. This one is slower and takes up to sixteen.
    static readonly AcceleratorCatalog Wide = KernelContext.OpenCatalog(
        new CPUDevice(numThreadsPerWarp: 4, numWarpsPerMultiprocessor: 4, numMultiprocessors: 1));

    // And this one up to 256, in warps of 32, as a CUDA GPU: far slower still.
    static readonly AcceleratorCatalog Warps = KernelContext.OpenCatalog(
        new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 8, numMultiprocessors: 1));

    // The same with less of them in a group, and several groups at the same time.
    static readonly AcceleratorCatalog WarpGroups = KernelContext.OpenCatalog(
        new CPUDevice(numThreadsPerWarp: 32, numWarpsPerMultiprocessor: 4, numMultiprocessors: 3));

    static readonly List<Lazy<Accelerator>> Accelerators = [];

    static readonly TestBench[] OfProcessor = [.. Benches(Catalog, Catalog.Choose("cpu"), "cpu:0", smallestGroup: 1)];

    /// <summary>Every accelerator with every launch shape.</summary>
    public static IReadOnlyList<TestBench> All { get; } =
    [
        .. Catalog.DevicesUnderTest.SelectMany(device => device.Kind == "cpu"
            ? [.. OfProcessor, .. Benches(Wide, Wide.Choose("cpu"), "cpu:wide", smallestGroup: 3)]
            : Benches(Catalog, device, device.Name, smallestGroup: 1)),
    ];

    /// <summary>Every accelerator once, with its own launch shape: for what no launch shape can change.</summary>
    public static IReadOnlyList<TestBench> EachAccelerator { get; } = [.. All.DistinctBy(bench => bench.Name)];

    /// <summary>The kinds of the devices under test.</summary>
    public static IEnumerable<DeviceKind> DeviceKinds => Catalog.DevicesUnderTest.Select(device => device.KindOf).Distinct();

    /// <summary>A simulated GPU: groups of 256 threads in warps of 32.</summary>
    public static TestBench SimulatedGpu { get; } = Benches(Warps, Warps.Choose("cpu"), "cpu:warps", smallestGroup: 1).First();

    /// <summary>Every accelerator with groups of 256 threads, once: for kernels that take no others.</summary>
    public static IReadOnlyList<TestBench> FullGroups { get; } =
    [
        .. Catalog.DevicesUnderTest.SelectMany(device => device.Kind == "cpu"
            ? [SimulatedGpu]
            : EachAccelerator.Where(bench =>
                bench.Name == device.Name && device.Device.MaxNumThreadsPerGroup >= LaunchShape.PreferredGroupSize)),
    ];

    /// <summary>The same, and the same with arrays that do not begin at aligned addresses.</summary>
    public static IReadOnlyList<TestBench> FullGroupsOfEachAlignment { get; } =
        [.. FullGroups, .. FullGroups.Select(bench => bench.Misaligned(3))];

    /// <summary>Those of <see cref="FullGroups"/> with warps of 32 threads, as tensor cores want them.</summary>
    public static IReadOnlyList<TestBench> FullWarps { get; } =
        [.. FullGroups.Where(bench => !bench.Name.StartsWith("opencl", StringComparison.Ordinal))];

    /// <summary>Every accelerator once, and simulated warp groups: for the fused kernels.</summary>
    public static IReadOnlyList<TestBench> WithWorkers { get; } =
    [
        .. EachAccelerator, .. Catalog.DevicesUnderTest.Any(device => device.Kind == "cpu")
            ? Benches(WarpGroups, WarpGroups.Choose("cpu"), "cpu:warpgroups", smallestGroup: 1).Take(1)
            : [],
    ];

    /// <summary>The CPU accelerator, whose memory tests may reach without a kernel.</summary>
    public static TestBench Processor => OfProcessor[0];

    /// <summary>Ends the accelerators that were started.</summary>
    [OneTimeTearDown]
    public void Close()
    {
        foreach (Lazy<Accelerator> accelerator in Accelerators.Where(accelerator => accelerator.IsValueCreated))
        {
            accelerator.Value.Dispose();
        }
        WarpGroups.Dispose();
        Warps.Dispose();
        Wide.Dispose();
        Catalog.Dispose();
    }

    static IEnumerable<TestBench> Benches(AcceleratorCatalog catalog, FoundDevice device, string name, int smallestGroup)
    {
        var accelerator = new Lazy<Accelerator>(() => catalog.Start(device));
        Accelerators.Add(accelerator);
        return Shapes(device.Device)
            .Where(bench => bench.Shape.GroupSize >= smallestGroup)
            .Select(bench => new TestBench(name, accelerator, bench.Shape, bench.Misalignment));
    }

    // One group and several, groups of one thread, of a prime number and of many, tiles with odd sides and with even ones. The second,
    // third and last are those of a GPU: neighboring threads take neighboring values. Of both kinds one has arrays that begin at aligned
    // addresses, where kernels take several values at a time.
    static IEnumerable<(LaunchShape Shape, int Misalignment)> Shapes(Device device)
    {
        int Group(int threads) => Math.Min(threads, device.MaxNumThreadsPerGroup);
        yield return (LaunchShape.For(device), 0);
        // OpenCL takes long to compile the kernels of a shape, and a processor's own shape there has groups of one thread.
        if (device.AcceleratorType == AcceleratorType.CPU)
        {
            yield return (new(GroupSize: 1, MaxGroups: 3, ThreadTileRows: 3, ThreadTileColumns: 5), 1);
        }
        yield return (new(Group(7), MaxGroups: 3, ThreadTileRows: 4, ThreadTileColumns: 8), 3);
        yield return (
            new(Group(64), MaxGroups: 1, ThreadTileRows: 16, ThreadTileColumns: 64) { IsGpu = false, Cores = Group(5) }, 2);
        yield return (new(Group(LaunchShape.PreferredGroupSize), MaxGroups: 40, ThreadTileRows: 4, ThreadTileColumns: 8), 0);
    }
}
