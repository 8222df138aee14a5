using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// The sum of each column of a matrix, on GPUs: the gradients of a bias and of the embedding table. Long columns are split into slices of
/// the rows; a second launch of the same kernel sums the partial sums [slices, columns].
/// Reference: <c>ReferenceOperations.ColumnSums</c>.
/// </summary>
sealed class ColumnSums
{
    readonly Launcher launcher;
    readonly Workspace workspace;
    readonly LaneForms<Action<ArrayView<float>, int, int, ArrayView<float>>> forms;

    /// <summary>Column sums whose kernels are loaded when they are first used.</summary>
    public ColumnSums(Launcher launcher)
    {
        this.launcher = launcher;
        workspace = new Workspace(launcher);
        forms = new(Load<Quad>, Load<Scalar>);
    }

    /// <summary>sums[j] = Σ x[i, j] over the rows i.</summary>
    /// <param name="x">x [rows, columns], at least one of each.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="sums">The sums [columns].</param>
    public void Sum(ArrayView<float> x, int rows, int columns, ArrayView<float> sums) =>
        forms.ForColumns(columns, x, sums)(x, rows, columns, sums);

    /// <summary>Tells what <see cref="Sum"/> takes, of operands that begin at whole quads.</summary>
    /// <param name="plan">Whom to tell.</param>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    public void Plan(LaunchPlan plan, int rows, int columns)
    {
        if (columns % Quad.Count == 0)
        {
            Plan<Quad>(plan, rows, columns);
        }
        else
        {
            Plan<Scalar>(plan, rows, columns);
        }
    }

    void Plan<T>(LaunchPlan plan, int rows, int columns)
        where T : unmanaged, IPortableLanes<T>
    {
        var split = ColumnSplit.For<T>(launcher.Shape, rows, columns / T.Count);
        if (split.Slices > 1)
        {
            plan.Take<T>(workspace, split.Slices * split.Columns);
        }
        plan.Launch(split.Slices > 1 ? 2 : 1);
    }

    Action<ArrayView<float>, int, int, ArrayView<float>> Load<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<T>>(SumKernel);
        return (x, rows, columns, sums) =>
        {
            var split = ColumnSplit.For<T>(launcher.Shape, rows, columns / T.Count);
            if (split.Slices == 1)
            {
                kernel(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, sums.As<T>());
                return;
            }
            ArrayView<T> partials = workspace.Take<T>(split.Slices * split.Columns);
            kernel(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, partials);
            kernel(launcher.Stream, split.OfSlices.Over(launcher.Shape), partials, split.OfSlices, sums.As<T>());
        };
    }

    // One group per block of columns and slice of the rows. The sums are [slices, columns].
    static void SumKernel<T>(ArrayView<T> x, ColumnSplit split, ArrayView<T> sums)
        where T : unmanaged, IPortableLanes<T>
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition position = split.PositionIn(block);
            T sum = default;
            for (int row = position.First; row < position.End; row += position.Step)
            {
                sum += x[(row * split.Columns) + position.Column];
            }
            sum = ColumnReduction.MergeGroup(new ColumnSum<T>(sum)).Value;
            if (position.IsSliceLeader)
            {
                sums[(position.Slice * split.Columns) + position.Column] = sum;
            }
        }
    }
}
