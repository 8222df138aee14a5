using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization by given statistics, for evaluation in the fused form by threads and by warps: y = gain·(x - mean)·r + bias. The
/// batch lies in the lanes, a row for each feature; r is computed with a feature in each lane.
/// </summary>
/// <param name="X">x [features, padded batch].</param>
/// <param name="Y">y [features, padded batch]; may be x itself.</param>
/// <param name="Gain">gain [features].</param>
/// <param name="Bias">bias [features].</param>
/// <param name="Mean">The means [features].</param>
/// <param name="Variance">The variances or standard deviations [features], as the constants say.</param>
/// <param name="Scratch"><see cref="TileScratch.Size"/> values for a thread, <see cref="TileScratch.WarpSize"/> for a warp.</param>
/// <param name="Constants">The constants.</param>
/// <param name="Features">How many features.</param>
/// <param name="PaddedBatch">The length of a row, P: a multiple of the lanes.</param>
readonly record struct TileBatchNormFixed(
    ViewMemory X, ViewMemory Y, ViewMemory Gain, ViewMemory Bias, ViewMemory Mean, ViewMemory Variance, ViewMemory Scratch,
    BatchNormConstants Constants, int Features, int PaddedBatch) : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory x = TMemory.At(X);
        TMemory y = TMemory.At(Y);
        TMemory gain = TMemory.At(Gain);
        TMemory bias = TMemory.At(Bias);
        TMemory mean = TMemory.At(Mean);
        TMemory variance = TMemory.At(Variance);
        TMemory scales = TMemory.At(Scratch);
        for (int first = 0; first < Features; first += TLanes.RowsPerSum)
        {
            int count = Features - first < TLanes.RowsPerSum ? Features - first : TLanes.RowsPerSum;
            TLanes inverse = Constants.InverseOfStored(variance.LoadFirst(first, count));
            // Race: another lane may still read the scales of the last features, which the store overwrites.
            TLanes.Sync();
            scales.StoreFirst(0, count, inverse);
            // Race: every lane reads the scales of all features, each of which another lane has just stored.
            TLanes.Sync();
            for (int feature = 0; feature < count; feature++)
            {
                TLanes featureMean = TLanes.Broadcast(mean.Read(first + feature));
                TLanes scale = TLanes.Broadcast(scales.Read(feature) * gain.Read(first + feature));
                TLanes offset = TLanes.Broadcast(bias.Read(first + feature));
                for (int n = 0; n < PaddedBatch; n += TLanes.Count)
                {
                    y.Store(n, TLanes.MultiplyAdd(x.Load(n) - featureMean, scale, offset));
                }
                x = x.From(PaddedBatch);
                y = y.From(PaddedBatch);
            }
        }
    }
}
