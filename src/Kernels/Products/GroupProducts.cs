using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using GroupKernel = System.Action<
    ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig,
    ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, Makemore.Gpu.Kernels.Products.ProductSize, int, ILGPU.ArrayView<float>, int>;

namespace Makemore.Gpu.Kernels.Products;

/// <summary>Matrix products in which the threads of a group compute a tile of C together: the way of a GPU. See <see cref="GroupProduct"/>.</summary>
/// <param name="launcher">Where to load and launch the kernels.</param>
sealed class GroupProducts(Launcher launcher) : IProducts
{
    const int AlignedValues = 4;

    readonly Dictionary<(GroupTile Tile, OperandLayouts Layouts), GroupKernel> kernels = [];
    readonly Dictionary<ProductSize, ProductPlan> plans = [];
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>> sumSlices =
        launcher.Accelerator.LoadKernel<ArrayView<float>, ArrayView<float>>(GroupProduct.SumSlicesKernel);

    readonly Workspace workspace = new(launcher);

    /// <inheritdoc/>
    public void Multiply(ProductForm form, ArrayView<float> a, ArrayView<float> b, ProductSize size, ArrayView<float> c)
    {
        if (!plans.TryGetValue(size, out ProductPlan? plan))
        {
            plan = ProductPlan.For(size, launcher.Precision, launcher.Accelerator.NumMultiprocessors);
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
    public void Multiply(ProductPlan plan, ProductForm form, ArrayView<float> a, ArrayView<float> b, ProductSize size, ArrayView<float> c)
    {
        int leftRow = form == ProductForm.LeftTransposed ? size.Rows : size.Depth;
        int rightRow = form == ProductForm.RightTransposed ? size.Depth : size.Columns;
        GroupKernel kernel = Kernel(plan.Tile, new OperandLayouts(form, IsAligned(a, leftRow), IsAligned(b, rightRow)));
        var configuration = new KernelConfig(plan.Groups, plan.Tile.Threads);
        if (plan.Slices == 1)
        {
            kernel(launcher.Stream, configuration, a, b, size, plan.SliceDepth, c, IsAligned(c, size.Columns) ? 1 : 0);
            return;
        }
        ArrayView<float> slices = workspace.Take<float>(plan.Slices * c.Length);
        kernel(launcher.Stream, configuration, a, b, size, plan.SliceDepth, slices, IsAligned(slices, size.Columns) ? 1 : 0);
        sumSlices(launcher.Stream, launcher.Over((int)c.Length), slices, c);
    }

    GroupKernel Kernel(GroupTile tile, OperandLayouts layouts)
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
