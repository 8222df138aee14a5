using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using GroupKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>Matrix products in which the threads of a group compute a tile of C together: the way of a GPU. See <see cref="SimtGemm"/>.</summary>
/// <param name="launcher">Where to load and launch the kernels.</param>
sealed class GpuGemm(Launcher launcher) : IGemm
{
    const int AlignedValues = 4;

    readonly Dictionary<(GemmTile Tile, GemmLayout Layouts), GroupKernel> kernels = [];
    readonly Dictionary<GemmSize, GemmPlan> plans = [];
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>> sumSlices =
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>>(SimtGemm.SumSplitsKernel);

    readonly Workspace workspace = new(launcher);

    public void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c)
    {
        if (!plans.TryGetValue(size, out GemmPlan? plan))
        {
            plan = GemmPlan.For(size, launcher.Precision, launcher.Accelerator.NumMultiprocessors);
            plans.Add(size, plan);
        }
        Multiply(plan, form, a, b, size, c);
    }

    /// <summary>Launches a product by a plan.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="form">How A and B lie in memory.</param>
    /// <param name="a">A [rows, depth], or its transpose.</param>
    /// <param name="b">B [depth, columns], or its transpose.</param>
    /// <param name="size">The sizes.</param>
    /// <param name="c">C [rows, columns].</param>
    public void Multiply(GemmPlan plan, GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c)
    {
        int leftRow = form == GemmForm.LeftTransposed ? size.M : size.K;
        int rightRow = form == GemmForm.RightTransposed ? size.K : size.N;
        GroupKernel kernel = Kernel(plan.Tile, new GemmLayout(form, IsAligned(a, leftRow), IsAligned(b, rightRow)));
        var configuration = new KernelConfig(plan.Groups, plan.Tile.Threads);
        if (plan.Splits == 1)
        {
            kernel(launcher.Stream, configuration, a, b, size, plan.SplitDepth, c, IsAligned(c, size.N) ? 1 : 0);
            return;
        }
        ArrayView<float> slices = workspace.Take<float>(plan.Splits * c.Length);
        kernel(launcher.Stream, configuration, a, b, size, plan.SplitDepth, slices, IsAligned(slices, size.N) ? 1 : 0);
        sumSlices(launcher.Stream, launcher.Over((int)c.Length), slices, c);
    }

    GroupKernel Kernel(GemmTile tile, GemmLayout layouts)
    {
        if (!kernels.TryGetValue((tile, layouts), out GroupKernel? kernel))
        {
            kernel = tile.Load(launcher.Accelerator, layouts);
            kernels.Add((tile, layouts), kernel);
        }
        return kernel;
    }

    // Buffers begin at multiples of 256 bytes.
    static bool IsAligned<TView>(TView view, int row)
        where TView : struct, IContiguousArrayView<float> => row % AlignedValues == 0 && view.Index % AlignedValues == 0;
}
