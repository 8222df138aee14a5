using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Processors;

/// <summary>The loop along K stands outside the loop along N: a row of C grows by one row of B after another.</summary>
sealed class Rung2RowsInOrder(Launcher launcher) : IRung
{
    readonly WorkerKernel<CpuRowsInOrder> kernel = new(launcher);

    public string Name => "rows in their order, one core";

    public string Why => "Memory is read as it lies, so that every value of a cache line is used, and the next line is fetched in time.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => kernel.Launch(new(a, b, c));
}

/// <summary>A row of C after another, each by one row of B after another.</summary>
readonly record struct CpuRowsInOrder(RowMajor A, RowMajor B, RowMajor C) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(C.Rows);
        for (int row = first; row < end; row++)
        {
            TMemory a = TMemory.At(new ViewMemory(A.Values, row * A.Columns));
            TMemory c = TMemory.At(new ViewMemory(C.Values, row * C.Columns));
            for (int column = 0; column < C.Columns; column++)
            {
                c.Write(column, 0);
            }
            for (int k = 0; k < A.Columns; k++)
            {
                TMemory b = TMemory.At(new ViewMemory(B.Values, k * B.Columns));
                float factor = a.Read(k);
                for (int column = 0; column < C.Columns; column++)
                {
                    c.Write(column, c.Read(column) + (factor * b.Read(column)));
                }
            }
        }
    }
}
