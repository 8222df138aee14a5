using ILGPU;
using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels;

/// <summary>ILGPU contexts in which the kernels of this library compile.</summary>
public static class KernelContext
{
    /// <summary>Finds the accelerators of this machine, in a context of their own. Takes about a tenth of a second.</summary>
    /// <param name="processor">The CPU accelerator's shape, for tests that want larger groups; null for the fast one.</param>
    public static AcceleratorCatalog OpenCatalog(CPUDevice? processor = null) =>
        AcceleratorCatalog.Open(builder => builder.EnableKernels(), processor);

    /// <summary>Prepares a context of one's own for the kernels of this library. Call it before the context is created.</summary>
    /// <param name="builder">The builder of the context.</param>
    public static Context.Builder EnableKernels(this Context.Builder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        // O2 merges address computations and emits wide stores; the default leaves both out.
        builder.EnableAlgorithms().Optimize(OptimizationLevel.O2);
        Tile.RegisterPortableForm(builder);
        GridBarrier.RegisterPortableForm(builder);
        ThreadTileRunner.RegisterPortableForm(builder);
        return builder;
    }
}
