using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Processors;

/// <summary>A core sums the inner product of a row of A and a column of B, one value of C after another: the definition.</summary>
sealed class Rung1InnerProducts(Launcher launcher) : IRung
{
    readonly WorkerKernel<CpuInnerProducts> kernel = new(launcher);

    public string Name => "one output after another, one core";

    public string Why => "It is the definition, and everything above is compared with it.";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => kernel.Launch(new(a, b, c));
}

/// <summary>One inner product after another.</summary>
readonly record struct CpuInnerProducts(RowMajor A, RowMajor B, RowMajor C) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(C.Rows);
        TMemory b = TMemory.At(new ViewMemory(B.Values, 0));
        for (int row = first; row < end; row++)
        {
            TMemory a = TMemory.At(new ViewMemory(A.Values, row * A.Columns));
            TMemory c = TMemory.At(new ViewMemory(C.Values, row * C.Columns));
            for (int column = 0; column < C.Columns; column++)
            {
                float sum = 0;
                for (int k = 0; k < A.Columns; k++)
                {
                    sum += a.Read(k) * b.Read((k * B.Columns) + column);
                }
                c.Write(column, sum);
            }
        }
    }
}
