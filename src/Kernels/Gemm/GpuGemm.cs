using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using LoadedKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Gemm.GemmSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Gemm;

/// <summary>
/// Matrix products on GPUs: picks a plan for each size, compiles the kernel that it needs, and launches it. The kernels are
/// <see cref="SimtGemm"/> and <see cref="TensorCoreGemm"/>.
/// </summary>
sealed class GpuGemm(Launcher launcher) : IGemm
{
    const int FloatsPerVector = 4;

    readonly Dictionary<(GemmTile Tile, GemmLayout Layout), LoadedKernel> kernels = [];
    readonly Dictionary<GemmSize, GemmPlan> plans = [];
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>> sumSplits =
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>>(SimtGemm.SumSplitsKernel);

    readonly Workspace workspace = new(launcher);

    public void Multiply(GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c) =>
        Multiply(PlanFor(size), form, a, b, size, c);

    public void Plan(LaunchPlan plan, GemmForm form, GemmSize size)
    {
        int splits = PlanFor(size).Splits;
        if (splits > 1)
        {
            plan.Take<float>(workspace, (long)splits * size.M * size.N);
        }
        plan.Launch(splits > 1 ? 2 : 1);
    }

    /// <summary>Launches a product by a given plan; the other arguments are those of <see cref="IGemm.Multiply"/>.</summary>
    public void Multiply(GemmPlan plan, GemmForm form, ArrayView<float> a, ArrayView<float> b, GemmSize size, ArrayView<float> c)
    {
        int leftRowLength = form == GemmForm.LeftTransposed ? size.M : size.K;
        int rightRowLength = form == GemmForm.RightTransposed ? size.K : size.N;
        LoadedKernel kernel = Kernel(plan.Tile, new GemmLayout(form, IsAligned(a, leftRowLength), IsAligned(b, rightRowLength)));
        var configuration = new KernelConfig(plan.Groups, plan.Tile.Threads);
        if (plan.Splits == 1)
        {
            kernel(launcher.Stream, configuration, a, b, size, plan.KPerSplit, c, IsAligned(c, size.N) ? 1 : 0);
            return;
        }
        ArrayView<float> splits = workspace.Take<float>(plan.Splits * c.Length);
        kernel(launcher.Stream, configuration, a, b, size, plan.KPerSplit, splits, IsAligned(splits, size.N) ? 1 : 0);
        sumSplits(launcher.Stream, launcher.Over((int)c.Length), splits, c);
    }

    GemmPlan PlanFor(GemmSize size)
    {
        if (!plans.TryGetValue(size, out GemmPlan? plan))
        {
            plan = GemmPlan.For(size, launcher.Precision, launcher.Accelerator.NumMultiprocessors);
            plans.Add(size, plan);
        }
        return plan;
    }

    LoadedKernel Kernel(GemmTile tile, GemmLayout layout)
    {
        if (!kernels.TryGetValue((tile, layout), out LoadedKernel? kernel))
        {
            kernel = tile.Load(launcher.Accelerator, layout);
            kernels.Add((tile, layout), kernel);
        }
        return kernel;
    }

    // Whether every row begins at a multiple of 16 bytes. The buffer itself begins at a multiple of 256.
    static bool IsAligned<TView>(TView view, int rowLength)
        where TView : struct, IContiguousArrayView<float> => rowLength % FloatsPerVector == 0 && view.Index % FloatsPerVector == 0;
}
