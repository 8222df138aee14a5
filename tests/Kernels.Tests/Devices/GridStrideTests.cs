using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Tests.Devices;

sealed class GridStrideTests(TestBench bench) : KernelTests(bench)
{
    static void CountKernel(int count, ArrayView<int> visits)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < count; i += stride)
        {
            visits[i]++;
        }
    }

    [Test]
    public void Every_item_is_taken_once([Values(1, 2, 7, 64, 65, 1000)] int count)
    {
        DeviceArray<int> visits = Upload(new int[count]);
        var kernel = Bench.Accelerator.LoadKernel<int, ArrayView<int>>(CountKernel);
        kernel(Bench.Stream, Bench.Launcher.Over(count), count, visits);
        Assert.That(visits.Read(), Is.All.EqualTo(1));
    }

    [Test]
    public void No_item_is_taken_where_there_is_none()
    {
        DeviceArray<int> visits = Upload(new int[3]);
        var kernel = Bench.Accelerator.LoadKernel<int, ArrayView<int>>(CountKernel);
        kernel(Bench.Stream, Bench.Launcher.Over(0), 0, visits);
        Assert.That(visits.Read(), Is.All.Zero);
    }
}
