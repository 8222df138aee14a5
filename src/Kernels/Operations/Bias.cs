using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Operations;

/// <summary>
/// The bias of a linear layer: y = x + b for every row, and its gradient, the sum of each column of dy.
/// Reference: <c>ReferenceOperations.AddBias</c>, <c>ReferenceOperations.ColumnSums</c>.
/// </summary>
public sealed class Bias
{
    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>> add;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>> columnSums;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public Bias(Launcher launcher)
    {
        this.launcher = launcher;
        add = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>>(AddKernel);
        columnSums = launcher.Accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>>(ColumnSumsKernel);
    }

    /// <summary>Adds the bias to every row, in place.</summary>
    /// <param name="bias">b [columns].</param>
    /// <param name="rows">Rows of x.</param>
    /// <param name="columns">Columns of x.</param>
    /// <param name="x">x [rows, columns]; x + b afterwards.</param>
    public void Add(ArrayView<float> bias, int rows, int columns, ArrayView<float> x)
    {
        Shape.Check(bias, columns);
        Shape.Check(x, (long)rows * columns);
        add(launcher.Stream, launcher.Over(x.IntLength), bias, columns, x.IntLength, x);
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
        columnSums(launcher.Stream, launcher.Over(columns), dy, rows, columns, dBias);
    }

    // One thread for each element.
    static void AddKernel(ArrayView<float> bias, int columns, int count, ArrayView<float> x)
    {
        for (int i = Work.First, stride = Work.Stride; i < count; i += stride)
        {
            x[i] += bias[i % columns];
        }
    }

    // One thread for each column: it alone owns the sum, which needs no atomics and has one order.
    static void ColumnSumsKernel(ArrayView<float> dy, int rows, int columns, ArrayView<float> dBias)
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
