using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>The same, but neighboring threads have neighboring columns: two lines are exchanged, and accesses are coalesced.</summary>
sealed class Rung2NeighboringColumns(Launcher launcher) : IRung
{
    readonly Action<AcceleratorStream, KernelConfig, RowMajor, RowMajor, RowMajor> kernel =
        launcher.Accelerator.LoadKernel<RowMajor, RowMajor, RowMajor>(NeighboringColumnsKernel);

    public string Name => "neighboring threads on neighboring columns";

    public string Why => "The 32 values of B that a warp needs at once lie side by side, and memory delivers them in one piece.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) =>
        kernel(launcher.Stream, launcher.Over(c.Rows * c.Columns), a, b, c);

    static void NeighboringColumnsKernel(RowMajor a, RowMajor b, RowMajor c)
    {
        for (int i = GridStride.First, stride = GridStride.Stride; i < c.Rows * c.Columns; i += stride)
        {
            int row = i / c.Columns;
            int column = i % c.Columns;
            float sum = 0;
            for (int k = 0; k < a.Columns; k++)
            {
                sum += a.Values[(row * a.Columns) + k] * b.Values[(k * b.Columns) + column];
            }
            c.Values[(row * c.Columns) + column] = sum;
        }
    }
}
