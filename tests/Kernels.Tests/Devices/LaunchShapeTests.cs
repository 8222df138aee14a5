using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

sealed class LaunchShapeTests
{
    static readonly LaunchShape Shape = new(GroupSize: 7, MaxGroups: 3, ThreadTileRows: 4, ThreadTileColumns: 8);

    // items, groups
    [TestCase(0, 1)]
    [TestCase(1, 1)]
    [TestCase(7, 1)]
    [TestCase(8, 2)]
    [TestCase(14, 2)]
    [TestCase(15, 3)]
    [TestCase(1_000_000, 3)]
    public void Over_gives_each_item_a_thread_up_to_the_maximum_of_groups(int items, int groups)
    {
        KernelConfig config = Shape.Over(items);
        Assert.That((config.GridDim.X, config.GroupDim.X), Is.EqualTo((groups, 7)));
    }

    [Test]
    public void OneGroup_is_one_group() => Assert.That((Shape.OneGroup.GridDim.X, Shape.OneGroup.GroupDim.X), Is.EqualTo((1, 7)));

    [TestCaseSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
    public void For_stays_within_the_limits_of_the_device(TestBench bench)
    {
        Device device = bench.Accelerator.Device;
        var shape = LaunchShape.For(device);
        Assert.That(shape.GroupSize, Is.InRange(1, Math.Min(device.MaxNumThreadsPerGroup, LaunchShape.MaxGroupSize)));
        Assert.That(shape.MaxGroups, Is.InRange(1, device.MaxGridSize.X));
        Assert.That(shape.ThreadTileRows, Is.Positive);
        Assert.That(shape.ThreadTileColumns, Is.Positive);
    }

    [TestCaseSource(typeof(TestBenches), nameof(TestBenches.EachAccelerator))]
    public void For_takes_a_worker_for_each_core_of_a_processor(TestBench bench)
    {
        Device device = bench.Accelerator.Device;
        var shape = LaunchShape.For(device);
        Assert.That(shape.IsGpu, Is.Not.EqualTo(LaunchShape.IsProcessor(device)));
        if (!shape.IsGpu)
        {
            Assert.That((shape.GroupSize, shape.Cores), Is.EqualTo((1, Math.Min(Environment.ProcessorCount, device.MaxNumThreads))));
        }
    }
}
