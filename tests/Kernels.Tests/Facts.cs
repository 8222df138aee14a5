using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.OpenCL;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Tiles;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>What the project takes for granted of ILGPU, so that an update of it tells what has changed.</summary>
public sealed class Facts
{
    [Test]
    public void TheVersionIsTheOneThatTheseFactsWereSeenIn() =>
        Assert.That(typeof(Context).Assembly.GetName().Version, Is.EqualTo(new Version(1, 5, 3, 0)));

    [Test]
    public void ACpuDeviceNeedsWarpsOfTwoThreads()
    {
        Assert.That(() => new CPUDevice(1, 1, 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(new CPUDevice(2, 1, 1).MaxNumThreadsPerGroup, Is.EqualTo(2));
    }
}

/// <summary>What the kernels take for granted of ILGPU on every accelerator.</summary>
public sealed class DeviceFacts(TestBench bench) : KernelTests(bench)
{
    static void TileKernel(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c) => Tile.Run(OneColumn(a, b, c));

    static void PortableTileKernel(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c) => Tile.RunPortable(OneColumn(a, b, c));

    // As many columns as the widest vectors have lanes, so that no body computes them one by one.
    static Product OneColumn(ArrayView<float> a, ArrayView<float> b, ArrayView<float> c) =>
        new(new MatrixView(new(a, 0), 2), new MatrixView(new(b, 0), 16), new MatrixView(new(c, 0), 16), 1, 2, 16);

    static void LaunchSizeKernel(ArrayView<int> sizes)
    {
        if (Work.First == 0)
        {
            sizes[0] = Grid.DimX;
            sizes[1] = Group.DimX;
        }
    }

    // Each thread reads what its neighbour wrote, in a ring.
    static void RingKernel(ArrayView<int> results)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(LaunchShape.LargestGroupSize);
        shared[Group.IdxX] = 100 + Group.IdxX;
        Group.Barrier();
        results[Group.IdxX] = shared[(Group.IdxX + 1) % Group.DimX];
    }

    static void AffineKernel(ArrayView<int> value)
    {
        if (Work.First == 0)
        {
            value[0] = (3 * value[0]) + 1;
        }
    }

    static void ConvertKernel(ArrayView<float> values, ArrayView<int> results)
    {
        for (int i = Work.First, stride = Work.Stride; i < values.IntLength; i += stride)
        {
            results[i] = (int)values[i];
        }
    }

    [Test]
    public void OpenCLDevicesHaveAGenericAddressSpace()
    {
        if (Bench.Accelerator is CLAccelerator accelerator)
        {
            Assert.That(accelerator.Capabilities.GenericAddressSpace, Is.True);
        }
    }

    [Test]
    public void ALoadedKernelTakesEveryNumberOfGroupsAndThreads()
    {
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<int>>(LaunchSizeKernel);
        foreach ((int groups, int threads) in new[] { (1, 1), (5, 1), (3, Bench.Shape.GroupSize) })
        {
            DeviceArray<int> sizes = Upload(new int[2]);
            kernel(Bench.Stream, new KernelConfig(groups, threads), sizes);
            Assert.That(sizes.Read(), Is.EqualTo([groups, threads]));
        }
    }

    [Test]
    public void ABarrierShowsEachThreadWhatTheOthersWrote()
    {
        int threads = Bench.Shape.GroupSize;
        DeviceArray<int> results = Upload(new int[threads]);
        Bench.Accelerator.LoadKernel<ArrayView<int>>(RingKernel)(Bench.Stream, new KernelConfig(1, threads), results);
        Assert.That(results.Read(), Is.EqualTo(Enumerable.Range(0, threads).Select(thread => 100 + ((thread + 1) % threads))));
    }

    [Test]
    public void LaunchesOnAStreamRunInTheirOrder()
    {
        DeviceArray<int> value = Upload([0]);
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<int>>(AffineKernel);
        for (int launch = 0; launch < 15; launch++)
        {
            kernel(Bench.Stream, Bench.Shape.OneGroup, value);
        }
        Assert.That(value.Read(), Is.EqualTo([7_174_453]));
    }

    // exp takes the whole part of its argument this way.
    [Test]
    public void ConversionsToWholeNumbersGoTowardsZero()
    {
        DeviceArray<int> results = Upload(new int[6]);
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>>(ConvertKernel);
        kernel(Bench.Stream, Bench.Shape.Over(6), Upload(2.5f, -2.5f, 0.99f, -0.99f, 150f, -150.75f), results);
        Assert.That(results.Read(), Is.EqualTo([2, -2, 0, 0, 150, -150]));
    }

    // x² with x = 1 + 2⁻¹² takes 24 binary places after the point: one more than fit. A fused multiplication and addition keeps the last
    // of them, 2⁻²⁴, when the others are taken away; a product that is rounded first loses it. .NET never fuses by itself.
    [Test]
    public void OnTheCpuAcceleratorATileOperationRunsItsVectorBody()
    {
        float lost = Residue(PortableTileKernel);
        float kept = Residue(TileKernel);
        if (Bench.Accelerator is CPUAccelerator)
        {
            Assert.That((kept, lost), Is.EqualTo((MathF.Pow(2, -24), 0f)));
        }
        else
        {
            Assert.That(kept, Is.EqualTo(lost), "both are the portable body here");
        }
    }

    // x² - (1 + 2⁻¹¹), as the inner product (1 + 2⁻¹¹, x)·(-1, x).
    float Residue(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>> kernel)
    {
        float x = 1 + MathF.Pow(2, -12);
        DeviceArray<float> a = Upload(1 + MathF.Pow(2, -11), x), c = Output(16);
        DeviceArray<float> b = Upload([.. Enumerable.Repeat(-1f, 16), .. Enumerable.Repeat(x, 16)]);
        Bench.Accelerator.LoadKernel(kernel)(Bench.Stream, new KernelConfig(1, 1), a, b, c);
        return c.Read()[0];
    }
}
