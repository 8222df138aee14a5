using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>
/// A thread sums the inner product of a row of A and a column of B: the definition, computed by as many threads as C has values.
/// Neighboring threads have neighboring rows.
/// </summary>
sealed class Rung1OneOutputPerThread(Launcher launcher) : IRung
{
    readonly Action<AcceleratorStream, KernelConfig, RowMajor, RowMajor, RowMajor> kernel =
        launcher.Accelerator.LoadKernel<RowMajor, RowMajor, RowMajor>(OneOutputPerThreadKernel);

    public string Name => "one output per thread";

    public string Why => "The values of C do not depend on each other, so all of them can be computed at once.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) =>
        kernel(launcher.Stream, launcher.Over(c.Rows * c.Columns), a, b, c);

    static void OneOutputPerThreadKernel(RowMajor a, RowMajor b, RowMajor c)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < c.Rows * c.Columns; i += stride)
        {
            int row = i % c.Rows;
            int column = i / c.Rows;
            float sum = 0;
            for (int k = 0; k < a.Columns; k++)
            {
                sum += a.Values[(row * a.Columns) + k] * b.Values[(k * b.Columns) + column];
            }
            c.Values[(row * c.Columns) + column] = sum;
        }
    }
}
