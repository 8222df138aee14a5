using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;

namespace Makemore.Gpu.Benchmarks.Ladder.Processors;

/// <summary>
/// Blocks of A and B are copied to where the caches hold them, and register tiles multiply the copies: <see cref="TilePackedGemm"/>, by
/// <see cref="MatMul"/> with a single worker.
/// </summary>
sealed class Rung5PackedCopies(Launcher launcher) : IRung
{
    readonly MatMul matMul = new(launcher);

    public string Name => "blocks copied for the caches, one core";

    public string Why => "A block is used many times before it leaves its cache, and its rows do not compete for cache lines or pages.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => matMul.Multiply(a.Values, b.Values, a.Rows, a.Columns, b.Columns, c.Values);
}
