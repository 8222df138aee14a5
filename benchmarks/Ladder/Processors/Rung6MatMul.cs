using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Benchmarks.Ladder.Processors;

/// <summary>The top, which the network uses: <see cref="MatMul"/> with a worker for each core.</summary>
sealed class Rung6MatMul(Launcher launcher) : IRung
{
    readonly MatMul matMul = new(launcher);

    public string Name => "MatMul, the library's own, on all cores";

    public string Why => "Each core computes a rectangle of C, as even as can be, and waits for no other.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => matMul.Multiply(a.Values, b.Values, a.Rows, a.Columns, b.Columns, c.Values);
}
