using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Benchmarks.Ladder.Processors;

/// <summary>The same loops, by vectors: neighboring columns are the lanes, and a value of A is broadcast to all of them.</summary>
sealed class Rung3Vectors(Launcher launcher) : IRung
{
    readonly WorkerKernel<CpuVectors> kernel = new(launcher);

    public string Name => "vectors, one core";

    public string Why => "One instruction multiplies and adds 8 values (AVX2) or 16 (AVX-512).";

    public void Multiply(RowMajor a, RowMajor b, RowMajor c) => kernel.Launch(new(a, b, c));
}

/// <summary>The same by vectors.</summary>
readonly record struct CpuVectors(RowMajor A, RowMajor B, RowMajor C) : IWorkerOperation
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
                TLanes factor = a.Broadcast(k);
                int column = 0;
                for (; column + TLanes.Count <= C.Columns; column += TLanes.Count)
                {
                    c.Store(column, TLanes.MultiplyAdd(factor, b.Load(column), c.Load(column)));
                }
                for (; column < C.Columns; column++)
                {
                    c.Write(column, TLanes.MultiplyAdd(a.Read(k), b.Read(column), c.Read(column)));
                }
            }
        }
    }
}
