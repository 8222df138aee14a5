using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Gemm;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Processors;

/// <summary>
/// A tile of C, up to 8 rows of 2 vectors, stays in registers while the loop runs along K: <see cref="TileGemm"/>, by which the fused
/// kernel multiplies.
/// </summary>
sealed class Rung4RegisterTiles(Launcher launcher) : IRung
{
    readonly WorkerKernel<CpuRegisterTiles> kernel = new(launcher);

    public string Name => "register tiles, one core";

    public string Why => "Nothing of C is loaded or stored in the loop, and a vector of B, loaded once, is used for all rows of the tile.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => kernel.Launch(new(a, b, c));
}

/// <summary>Whole columns of register tiles.</summary>
readonly record struct CpuRegisterTiles(RowMajor A, RowMajor B, RowMajor C) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(C.Rows);
        new TileGemm(
            new(new ViewMemory(A.Values, first * A.Columns), A.Columns), new(new ViewMemory(B.Values, 0), B.Columns),
            new(new ViewMemory(C.Values, first * C.Columns), C.Columns), end - first, A.Columns, C.Columns).Run<TLanes, TMemory>();
    }
}
