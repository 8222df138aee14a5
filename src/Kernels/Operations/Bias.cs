using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Columns;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Lanes;

namespace Makemore.Gpu.Kernels.Operations;

/// <summary>
/// The bias of a linear layer: y = x + b for every row, and its gradient, the sum of each column of dy.
/// Reference: <c>ReferenceOperations.AddBias</c>, <c>ReferenceOperations.ColumnSums</c>.
/// </summary>
public sealed class Bias
{
    readonly Launcher launcher;
    readonly ColumnSums sharedSums;
    readonly LaneForms<Action<ArrayView<float>, int, int, ArrayView<float>>> addLanes;

    /// <summary>The bias; its kernels are loaded when they are first used.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Bias(Launcher launcher)
    {
        this.launcher = launcher;
        sharedSums = new ColumnSums(launcher);
        addLanes = new(LoadAdd<Quad>, LoadAdd<Scalar>);
    }

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>> AddValues => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>>(AddValuesKernel);

    Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>> OwnSums => field ??=
        launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>>(OwnSumsKernel);

    /// <summary>Adds the bias to every row, in place.</summary>
    /// <param name="bias">b [columns].</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="columns">Columns of x.</param>
    /// <param name="x">x [rows, columns]; x + b afterwards.</param>
    public void Add(ArrayView<float> bias, int rows, int columns, ArrayView<float> x)
    {
        Shape.Check(bias, columns);
        Shape.Check(x, (long)rows * columns);
        if (launcher.Shape.IsInterleaved)
        {
            addLanes.ForColumns(columns, bias, x)(bias, rows, columns, x);
        }
        else
        {
            AddValues(launcher.Stream, launcher.Over(x.IntLength), bias, columns, x.IntLength, x);
        }
    }

    /// <summary>The gradient of the bias: the sum over the rows of dy.</summary>
    /// <param name="dy">The gradient of x + b [rows, columns].</param>
    /// <param name="rows">Rows of dy.</param>
    /// <param name="columns">Columns of dy.</param>
    /// <param name="dBias">The gradient of b [columns].</param>
    public void ColumnSums(ArrayView<float> dy, int rows, int columns, ArrayView<float> dBias)
    {
        Shape.Check(dy, (long)rows * columns);
        Shape.Check(dBias, columns);
        if (launcher.Shape.IsInterleaved)
        {
            sharedSums.Sum(dy, rows, columns, dBias);
        }
        else
        {
            OwnSums(launcher.Stream, launcher.Over(columns), dy, rows, columns, dBias);
        }
    }

    Action<ArrayView<float>, int, int, ArrayView<float>> LoadAdd<T>()
        where T : unmanaged, IPortableLanes<T>
    {
        var kernel = launcher.Accelerator.LoadKernel<ArrayView<T>, ColumnSplit, ArrayView<T>>(AddKernel);
        return (bias, rows, columns, x) =>
        {
            var split = ColumnSplit.For<T>(launcher.Shape, rows, columns / T.Count);
            kernel(launcher.Stream, split.Over(launcher.Shape), bias.As<T>(), split, x.As<T>());
        };
    }

    // One group for each block of columns of each slice of rows.
    static void AddKernel<T>(ArrayView<T> bias, ColumnSplit split, ArrayView<T> x)
        where T : unmanaged, ILanes<T>
    {
        for (int block = ColumnPlace.FirstBlock, stride = ColumnPlace.BlockStride; block < split.Blocks; block += stride)
        {
            ColumnPlace place = split.PlaceIn(block);
            T value = place.Works ? bias[place.Column] : default;
            for (int row = place.First; row < place.End; row += place.Step)
            {
                int i = (row * split.Columns) + place.Column;
                x[i] += value;
            }
        }
    }

    // One thread of a processor for each element.
    static void AddValuesKernel(ArrayView<float> bias, int columns, int count, ArrayView<float> x)
    {
        for (int i = Work.First, stride = Work.Stride; i < count; i += stride)
        {
            x[i] += bias[i % columns];
        }
    }

    // One thread of a processor for each column: it alone owns the sum, which needs no second launch.
    static void OwnSumsKernel(ArrayView<float> dy, int rows, int columns, ArrayView<float> dBias)
    {
        for (int column = Work.First, stride = Work.Stride; column < columns; column += stride)
        {
            float sum = 0f;
            for (int row = 0; row < rows; row++)
            {
                sum += dy[(row * columns) + column];
            }
            dBias[column] = sum;
        }
    }
}
