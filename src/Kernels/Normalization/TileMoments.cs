using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// The mean of each feature over a batch, and the sum of the squared differences from it, for calibration in the fused form by threads and
/// by warps. The batch lies in the lanes, a row for each feature. <see cref="BatchNorm.Moments"/> is the layered form.
/// </summary>
/// <param name="X">x [features, padded batch].</param>
/// <param name="Means">The means [features, padded to whole vectors].</param>
/// <param name="Squares">The sums of squared differences [features, padded to whole vectors].</param>
/// <param name="Scratch"><see cref="TileScratch.Size"/> values for a thread, <see cref="TileScratch.WarpSize"/> for a warp.</param>
/// <param name="Features">How many features.</param>
/// <param name="Batch">N, at least 1.</param>
/// <param name="PaddedBatch">The length of a row, P: a multiple of the lanes.</param>
readonly record struct TileMoments(
    ViewMemory X, ViewMemory Means, ViewMemory Squares, ViewMemory Scratch, int Features, int Batch, int PaddedBatch) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory means = TMemory.At(Means);
        TMemory squares = TMemory.At(Squares);
        TMemory scratch = TMemory.At(Scratch);
        for (int first = 0; first < Features; first += TLanes.RowsPerSum)
        {
            int count = Features - first < TLanes.RowsPerSum ? Features - first : TLanes.RowsPerSum;
            // Race: another lane may still read the shifts of the last features, which the next ones overwrite.
            TLanes.Sync();
            BatchSums.Sum<TLanes, TMemory>(x.From(first * PaddedBatch), count, Batch, PaddedBatch, scratch);
            TLanes sum = TLanes.SumRows(scratch);
            TLanes shiftedMean = sum * TLanes.Broadcast(1f / Batch);
            means.StoreFirst(first, count, scratch.From(BatchSums.Shifts<TLanes>()).LoadFirst(0, count) + shiftedMean);
            // Rounding may make it negative where the batch lies far from its first value. NaN stays, as the maximum's second argument.
            TLanes sumOfSquares = TLanes.SumRows(scratch.From(BatchSums.Squares<TLanes>()));
            squares.StoreFirst(first, count, TLanes.Max(default, sumOfSquares - (shiftedMean * sum)));
        }
    }
}
