using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Reductions;

/// <summary>
/// The sum of each column of a matrix on a GPU. Where the columns are so long that groups share them, a second launch adds up the slices, which
/// are a matrix, too. Reference: <c>ReferenceOperations.ColumnSums</c>.
/// </summary>
sealed class ColumnSums
{
    readonly Launcher launcher;
    readonly Workspace workspace;
    readonly LaneForms<Action<ArrayView<float>, int, int, ArrayView<float>>> forms;

    /// <summary>Column sums whose kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public ColumnSums(Launcher launcher)
    {
        this.launcher = launcher;
        workspace = new Workspace(launcher);
        forms = new(Load<Quad>, Load<Scalar>);
    }

    /// <summary>sums[j] = Σ x[i, j].</summary>
    /// <param name="x">x [rows, columns].</param>
    /// <param name="rows">Rows, at least 1.</param>
    /// <param name="columns">Columns, at least 1.</param>
    /// <param name="sums">The sums [columns].</param>
    public void Sum(ArrayView<float> x, int rows, int columns, ArrayView<float> sums) => forms.ForColumns(columns, x, sums)(x, rows, columns, sums);

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
            ArrayView<T> parts = workspace.Take<T>(split.Slices * split.Columns);
            kernel(launcher.Stream, split.Over(launcher.Shape), x.As<T>(), split, parts);
            kernel(launcher.Stream, split.OfSlices.Over(launcher.Shape), parts, split.OfSlices, sums.As<T>());
        };
    }

    // One group for each block of columns of each slice of rows.
    static void SumKernel<T>(ArrayView<T> x, ColumnSplit split, ArrayView<T> sums)
        where T : unmanaged, IPortableLanes<T>
    {
        for (int block = ColumnPosition.FirstBlock, stride = ColumnPosition.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPosition place = split.PositionIn(block);
            T sum = default;
            for (int row = place.First; row < place.End; row += place.Step)
            {
                sum += x[(row * split.Columns) + place.Column];
            }
            sum = ColumnReduction.MergeGroup(new ColumnSum<T>(sum)).Value;
            if (place.IsSliceLeader)
            {
                sums[(place.Slice * split.Columns) + place.Column] = sum;
            }
        }
    }
}
