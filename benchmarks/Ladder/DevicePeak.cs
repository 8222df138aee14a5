using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Benchmarks.Phases;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;
using MathNet.Numerics.Statistics;

namespace Makemore.Gpu.Benchmarks.Ladder;

/// <summary>The maximum of multiply-adds that a device can do: a processor on all cores, a GPU with all threads that it holds.</summary>
sealed class DevicePeak(Launcher launcher)
{
    const int GpuLoops = 20_000;
    const int ChainsOfThread = 2 * Float4.Count;

    readonly Action<AcceleratorStream, KernelConfig, int, ArrayView<float>> kernel =
        launcher.Accelerator.LoadKernel<int, ArrayView<float>>(GpuMultiplyAddsKernel);

    /// <summary>Billions of floating-point operations a second.</summary>
    /// <param name="seconds">How long they are counted at least.</param>
    public double Gigaflops(double seconds) => launcher.Shape.IsGpu ? OfGpu(seconds) : OfAllCores(seconds);

    static double OfAllCores(double seconds)
    {
        var gigaflops = new double[Environment.ProcessorCount];
        Thread[] threads = [.. gigaflops.Select((_, core) => new Thread(() => gigaflops[core] = OfCore(seconds)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return gigaflops.Sum();
    }

    static double OfCore(double seconds)
    {
        var rounds = new List<double>();
        Rate.Of(seconds, first: 1, count =>
        {
            for (int i = 0; i < count; i++)
            {
                rounds.Add(Peak.Gigaflops());
            }
        });
        return rounds.Median();
    }

    double OfGpu(double seconds)
    {
        KernelConfig full = launcher.Over(int.MaxValue);
        int threads = full.GridDim.X * full.GroupDim.X;
        using MemoryBuffer1D<float, Stride1D.Dense> sums = launcher.Accelerator.Allocate1D<float>(threads);
        double perSecond = Rate.Of(seconds, first: 1, count =>
        {
            for (int launch = 0; launch < count; launch++)
            {
                kernel(launcher.Stream, full, GpuLoops, sums.View);
            }
            launcher.Stream.Synchronize();
        });
        return perSecond * 2.0 * ChainsOfThread * GpuLoops * threads / 1e9;
    }

    // Chains of multiply-adds, none of which waits for another.
    static void GpuMultiplyAddsKernel(int loops, ArrayView<float> sums)
    {
        var term = new Float4(0.001f, 0.002f, 0.003f, 0.004f);
        Float4 first = term;
        Float4 second = term + term;
        for (int i = 0; i < loops; i++)
        {
            first = Float4.MultiplyAdd(0.999f, first, term);
            second = Float4.MultiplyAdd(0.999f, second, term);
        }
        sums[GridStride.First] = (first + second).Sum;
    }
}
