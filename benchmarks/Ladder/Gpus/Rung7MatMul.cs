using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Benchmarks.Ladder.Gpus;

/// <summary>The top, which the network uses: <see cref="MatMul"/>, on GPUs by <see cref="SimtGemm"/>.</summary>
sealed class Rung7MatMul(Launcher launcher) : IRung
{
    readonly MatMul matMul = new(launcher);

    public string Name => "MatMul, the library's own";

    public string Why =>
        "On a GPU it has up to 8 x 8 outputs per thread, loads the next tile while it computes with this one, avoids bank conflicts, and "
        + "chooses tiles and split-K by the size; a processor has a ladder of its own.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => matMul.Multiply(a.Values, b.Values, a.Rows, a.Columns, b.Columns, c.Values);
}
