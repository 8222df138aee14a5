using System.Runtime.CompilerServices;
using ILGPU;
using ILGPU.Runtime.CPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Fused;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels;

/// <summary>ILGPU contexts in which the kernels of this library compile, for programs that make their own.</summary>
/// <remarks>
/// <example>
/// The library beside other work on one's own context and accelerator:
/// <code>
/// using Context context = KernelContext.Create(builder => builder.OpenCL().CPU());
/// using Accelerator accelerator = context.GetPreferredDevice(preferCPU: false).CreateAccelerator(context);
/// using var device = ComputeDevice.Over(accelerator);
/// </code>
/// </example>
/// </remarks>
public static class KernelContext
{
    // Nothing of a context tells how it was built.
    static readonly ConditionalWeakTable<Context, object> Prepared = [];

    /// <summary>Makes a context. What the kernels need is added to what the caller asks for.</summary>
    /// <param name="configure">Adds devices, and whatever else the caller needs.</param>
    public static Context Create(Action<Context.Builder> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        NativeLibraries.Install();
        var context = Context.Create(builder => configure(builder.EnableKernels()));
        Prepared.Add(context, Prepared);
        return context;
    }

    /// <summary>Finds the accelerators of this machine, in a context of their own. Takes about a tenth of a second.</summary>
    /// <param name="processor">The CPU accelerator's shape, for tests that want larger groups; null for the fast one.</param>
    internal static AcceleratorCatalog OpenCatalog(CPUDevice? processor = null) =>
        AcceleratorCatalog.Open(builder => builder.EnableKernels(), processor);

    /// <summary>Whether a context was made by <see cref="Create"/>.</summary>
    /// <param name="context">The context.</param>
    internal static bool HasKernels(Context context) => Prepared.TryGetValue(context, out _);

    /// <summary>Prepares a context for the kernels, before it is created.</summary>
    /// <param name="builder">The builder of the context.</param>
    internal static Context.Builder EnableKernels(this Context.Builder builder)
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
