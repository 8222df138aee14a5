using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// Stores the loss of a batch, the mean of its examples' losses plus all L2 losses, for the fused form by threads and by warps. Sums are in
/// a fixed order, so the loss repeats bit for bit.
/// </summary>
/// <param name="Losses">The losses of the examples [N].</param>
/// <param name="Batch">N, at least 1.</param>
/// <param name="L2Losses">The L2 losses.</param>
/// <param name="L2LossCount">How many.</param>
/// <param name="Result">Where the loss goes [1].</param>
readonly record struct TileBatchLoss(ViewMemory Losses, int Batch, ViewMemory L2Losses, int L2LossCount, ViewMemory Result) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory losses = TMemory.At(Losses);
        TMemory l2Losses = TMemory.At(L2Losses);
        float sum = 0f;
        for (int n = TLanes.Thread; n < Batch; n += TLanes.Threads)
        {
            sum += losses.Read(n);
        }
        float loss = TLanes.SumThreads(sum) / Batch;
        for (int i = 0; i < L2LossCount; i++)
        {
            loss += l2Losses.Read(i);
        }
        TMemory.At(Result).Write(0, loss);
    }
}
