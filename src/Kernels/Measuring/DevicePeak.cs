using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Measuring;

/// <summary>
/// The most that a device can do, measured: multiply-adds and copies, by a processor on all cores, by a GPU with all threads that it holds.
/// </summary>
/// <param name="launcher">Loads and launches the kernel of GPUs.</param>
sealed class DevicePeak(Launcher launcher)
{
    const int GpuLoops = 20_000;
    const int ChainsOfThread = 2 * Float4.Count;

    /// <summary>The bytes of the array that is copied: many times what caches hold.</summary>
    const int CopiedBytes = 256 << 20;

    Action<AcceleratorStream, KernelConfig, int, ArrayView<float>> GpuMultiplyAdds => field ??=
        launcher.Accelerator.LoadKernel<int, ArrayView<float>>(GpuMultiplyAddsKernel);

    /// <summary>Billions of floating-point operations a second, by multiply-adds that wait for nothing.</summary>
    /// <param name="seconds">How long they are counted at least.</param>
    public double Gigaflops(double seconds) =>
        launcher.Shape.IsGpu ? GigaflopsOfGpu(seconds) : OnAllCores((_, _) => CorePeak.Gigaflops(seconds));

    /// <summary>Billions of bytes a second that a copy of a large array reads and writes, both counted.</summary>
    /// <param name="seconds">How long it is copied at least.</param>
    public double Gigabytes(double seconds) => launcher.Shape.IsGpu ? GigabytesOfGpu(seconds) : GigabytesOfAllCores(seconds);

    static double OnAllCores(Func<int, Barrier, double> ofCore)
    {
        var rates = new double[Environment.ProcessorCount];
        using var start = new Barrier(rates.Length);
        Thread[] threads = [.. rates.Select((_, core) => new Thread(() => rates[core] = ofCore(core, start)))];
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        return rates.Sum();
    }

    // Outside of the managed heap, which would keep so much memory for long.
    static unsafe double GigabytesOfAllCores(double seconds)
    {
        byte* source = (byte*)NativeMemory.Alloc(CopiedBytes);
        byte* target = null;
        try
        {
            target = (byte*)NativeMemory.Alloc(CopiedBytes);
            int length = CopiedBytes / Environment.ProcessorCount;
            return OnAllCores((core, start) => Copy(seconds, source + (core * length), target + (core * length), length, start));
        }
        finally
        {
            NativeMemory.Free(source);
            NativeMemory.Free(target);
        }
    }

    static unsafe double Copy(double seconds, byte* source, byte* target, int length, Barrier start)
    {
        // Memory that nobody has written is the same page of zeros everywhere, and that stays in a cache.
        new Span<byte>(source, length).Fill(1);
        new Span<byte>(target, length).Fill(2);
        // A core that copies while another one still fills its part would have more of the memory than its share.
        start.SignalAndWait();
        double perSecond = Rate.Of(seconds, first: 1, count =>
        {
            for (int copy = 0; copy < count; copy++)
            {
                new Span<byte>(source, length).CopyTo(new Span<byte>(target, length));
            }
        });
        return perSecond * 2 * length / 1e9;
    }

    double GigabytesOfGpu(double seconds)
    {
        using MemoryBuffer1D<byte, Stride1D.Dense> source = launcher.Accelerator.Allocate1D<byte>(CopiedBytes);
        using MemoryBuffer1D<byte, Stride1D.Dense> target = launcher.Accelerator.Allocate1D<byte>(CopiedBytes);
        double perSecond = Rate.Of(seconds, first: 1, count =>
        {
            for (int copy = 0; copy < count; copy++)
            {
                source.View.CopyTo(launcher.Stream, target.View);
            }
            launcher.Stream.Synchronize();
        });
        return perSecond * 2 * CopiedBytes / 1e9;
    }

    double GigaflopsOfGpu(double seconds)
    {
        KernelConfig full = launcher.Over(int.MaxValue);
        int threads = full.GridDim.X * full.GroupDim.X;
        using MemoryBuffer1D<float, Stride1D.Dense> sums = launcher.Accelerator.Allocate1D<float>(threads);
        double perSecond = Rate.Of(seconds, first: 1, count =>
        {
            for (int launch = 0; launch < count; launch++)
            {
                GpuMultiplyAdds(launcher.Stream, full, GpuLoops, sums.View);
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
