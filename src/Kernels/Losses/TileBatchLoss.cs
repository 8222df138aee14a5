using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Losses;

/// <summary>
/// Writes the loss of a batch: the mean of its examples' losses, and to it the penalties one after another. Each thread of the lanes sums what falls to
/// it, from the first to the last.
/// </summary>
/// <param name="Losses">The losses of the examples.</param>
/// <param name="Batch">N, at least 1.</param>
/// <param name="Penalties">The penalties.</param>
/// <param name="PenaltyCount">How many.</param>
/// <param name="Result">Where the loss goes.</param>
readonly record struct TileBatchLoss(ViewMemory Losses, int Batch, ViewMemory Penalties, int PenaltyCount, ViewMemory Result) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory losses = TMemory.At(Losses);
        TMemory penalties = TMemory.At(Penalties);
        float sum = 0f;
        for (int n = TLanes.Thread; n < Batch; n += TLanes.Threads)
        {
            sum += losses.Read(n);
        }
        float loss = TLanes.SumThreads(sum) / Batch;
        for (int i = 0; i < PenaltyCount; i++)
        {
            loss += penalties.Read(i);
        }
        TMemory.At(Result).Write(0, loss);
    }
}
