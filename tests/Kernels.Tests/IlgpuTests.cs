using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using ILGPU;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Tests;

/// <summary>What the project takes for granted of ILGPU, so that an update of it tells what has changed.</summary>
sealed class IlgpuTests
{
    [Test]
    public void The_version_is_the_one_that_these_facts_were_seen_in() =>
        Assert.That(typeof(Context).Assembly.GetName().Version, Is.EqualTo(new Version(1, 5, 3, 0)));

    [Test]
    public void A_CPU_device_needs_warps_of_two_threads()
    {
        Assert.That(() => new CPUDevice(1, 1, 1), Throws.InstanceOf<ArgumentException>());
        Assert.That(new CPUDevice(2, 1, 1).MaxNumThreadsPerGroup, Is.EqualTo(2));
    }
}

/// <summary>What the kernels take for granted of ILGPU on every accelerator.</summary>
sealed class IlgpuDeviceTests(TestBench bench) : KernelTests(bench)
{
    static void LaunchSizeKernel(ArrayView<int> sizes)
    {
        if (GridStride.First == 0)
        {
            sizes[0] = Grid.DimX;
            sizes[1] = Group.DimX;
        }
    }

    // How many lanes an operation is run with, and what another one makes of them.
    readonly record struct LaneCount(ViewMemory Result) : ITileOperation
    {
        public void Run<TLanes, TMemory>()
            where TLanes : unmanaged, ILanes<TLanes>
            where TMemory : struct, IMemory<TMemory, TLanes> => TMemory.At(Result).Write(0, TLanes.Count);
    }

    readonly record struct LaneSum(ViewMemory Result, float Value) : ITileOperation
    {
        public void Run<TLanes, TMemory>()
            where TLanes : unmanaged, ILanes<TLanes>
            where TMemory : struct, IMemory<TMemory, TLanes> =>
            TMemory.At(Result).Store(0, TLanes.Broadcast(Value) + TLanes.Ones(TLanes.Count - 1));
    }

    static void LanesKernel(ArrayView<float> results, float value)
    {
        Tile.Run(new LaneCount(new(results, 0)));
        Tile.Run(new LaneSum(new(results, 1), value));
    }

    readonly record struct Triple(float First, float Second, float Third);

    // Each thread reads what its neighbor wrote, in a ring.
    static void RingKernel(ArrayView<int> results)
    {
        ArrayView<int> shared = SharedMemory.Allocate<int>(LaunchShape.MaxGroupSize);
        shared[Group.IdxX] = 100 + Group.IdxX;
        Group.Barrier();
        results[Group.IdxX] = shared[(Group.IdxX + 1) % Group.DimX];
    }

    static void AffineKernel(ArrayView<int> value)
    {
        if (GridStride.First == 0)
        {
            value[0] = (3 * value[0]) + 1;
        }
    }

    // The branch holds what no backend compiles: OpenCL on a processor has no warps to shuffle in, and CUDA no such instruction.
    static void SpecializedKernel(ArrayView<int> results, SpecializedValue<int> value, int plain)
    {
        results[0] = value.Value + plain;
        if (value.Value > 2)
        {
            results[0] = Warp.ShuffleDown(plain, 1);
            CudaAsm.Emit("no.such.instruction;");
        }
    }

    static void BitsKernel(ArrayView<float> integers, ArrayView<int> results)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < results.IntLength; i += stride)
        {
            results[i] = (int)Interop.FloatAsInt(integers[i]);
            integers[i] = Interop.IntAsFloat((uint)(results[i] + 1));
        }
    }

    static void ConvertKernel(ArrayView<float> values, ArrayView<int> results)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < values.IntLength; i += stride)
        {
            results[i] = (int)values[i];
        }
    }

    [Test]
    public void OpenCL_devices_have_a_generic_address_space()
    {
        if (Bench.Accelerator is CLAccelerator accelerator)
        {
            Assert.That(accelerator.Capabilities.GenericAddressSpace, Is.True);
        }
    }

    [Test]
    public void A_loaded_kernel_takes_every_number_of_groups_and_threads()
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
    public void A_barrier_shows_each_thread_what_the_others_wrote()
    {
        int threads = Bench.Shape.GroupSize;
        DeviceArray<int> results = Upload(new int[threads]);
        Bench.Accelerator.LoadKernel<ArrayView<int>>(RingKernel)(Bench.Stream, new KernelConfig(1, threads), results);
        Assert.That(results.Read(), Is.EqualTo(Enumerable.Range(0, threads).Select(thread => 100 + ((thread + 1) % threads))));
    }

    [Test]
    public void Launches_on_a_stream_run_in_their_order()
    {
        DeviceArray<int> value = Upload([0]);
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<int>>(AffineKernel);
        for (int launch = 0; launch < 15; launch++)
        {
            kernel(Bench.Stream, Bench.Shape.OneGroup, value);
        }
        Assert.That(value.Read(), Is.EqualTo([7_174_453]));
    }

    // exp takes the integer part of its argument this way.
    [Test]
    public void Conversions_to_integers_round_towards_zero()
    {
        DeviceArray<int> results = Upload(new int[6]);
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>>(ConvertKernel);
        kernel(Bench.Stream, Bench.Shape.Over(6), Upload(2.5f, -2.5f, 0.99f, -0.99f, 150f, -150.75f), results);
        Assert.That(results.Read(), Is.EqualTo([2, -2, 0, 0, 150, -150]));
    }

    // Tile operations read tokens so, from the same memory as activations.
    [Test]
    public void Integers_keep_their_bits_among_floating_point_numbers()
    {
        int[] values = [0, 1, 26, 200_000, int.MaxValue - 1, int.MinValue, -2, 0x7F800001, unchecked((int)0xFFC00000)];
        DeviceArray<int> integers = Upload(values), results = Upload(new int[values.Length]);
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<float>, ArrayView<int>>(BitsKernel);
        kernel(Bench.Stream, Bench.Shape.Over(values.Length), integers.View.Cast<float>(), results);
        Assert.That(results.Read(), Is.EqualTo(values));
        Assert.That(integers.Read(), Is.EqualTo(values.Select(value => value + 1)));
    }

    // A workspace begins at a cache line, which need not be a whole number of partial sums.
    [Test]
    public void A_cast_rounds_the_start_of_a_view_down_to_a_whole_element()
    {
        DeviceArray<float> array = Upload(new float[9]);
        var start = (IContiguousArrayView)array.View;
        var cast = (IContiguousArrayView)array.View.SubView(1, 6).Cast<Triple>();
        Assert.That(cast.IndexInBytes, Is.EqualTo((start.IndexInBytes + sizeof(float)) / 12 * 12));
        Assert.That(cast.LengthInBytes, Is.EqualTo(24));
    }

    // A launch compiles the kernel for the value, and what the value rules out is not compiled.
    [Test]
    public void A_specialized_value_is_a_constant_of_the_kernel()
    {
        var kernel = Bench.Accelerator.LoadKernel<ArrayView<int>, SpecializedValue<int>, int>(SpecializedKernel);
        foreach (int value in new[] { 1, 2, 1 })
        {
            DeviceArray<int> results = Upload(new int[1]);
            kernel(Bench.Stream, new KernelConfig(1, 1), results, SpecializedValue.New(value), 10);
            Assert.That(results.Read(), Is.EqualTo([10 + value]));
        }
    }

    // A generic intrinsic, in each kernel for several operations, and static members of generic arguments.
    [Test]
    public void A_tile_operation_runs_with_the_lanes_of_its_accelerator()
    {
        DeviceArray<float> results = Upload(new float[1 + TileScratch.MaxLanes]);
        Bench.Accelerator.LoadKernel<ArrayView<float>, float>(LanesKernel)(Bench.Stream, new KernelConfig(1, 1), results, 2.5f);
        int count = Bench.Accelerator is CPUAccelerator && Vector512.IsHardwareAccelerated && Avx512F.IsSupported ? 16 : 8;
        IEnumerable<float> sums = [.. Enumerable.Repeat(3.5f, count - 1), 2.5f];
        Assert.That(results.Read(), Is.EqualTo([count, .. sums, .. new float[TileScratch.MaxLanes - count]]));
    }
}
