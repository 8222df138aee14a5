using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization forward, for the fused form by threads and by warps: x becomes x̂ = (x - mean)·r, y = gain·x̂ + bias, and the
/// running statistics are updated. The mathematics is that of <see cref="BatchNorm"/>.
/// </summary>
/// <remarks>
/// The batch lies in the lanes, a row for each feature. Once the sums over the batch are summed over the lanes, there is a feature in each
/// lane: the statistics of all features that <see cref="ILanes{TSelf}.SumRows"/> sums at a time are computed side by side. Arrays by
/// feature are padded to whole vectors; their padding may hold anything.
/// </remarks>
/// <param name="X">x [features, padded batch]; becomes x̂.</param>
/// <param name="Y">y [features, padded batch].</param>
/// <param name="Gain">gain [features].</param>
/// <param name="Bias">bias [features].</param>
/// <param name="InverseDeviation">r, rstd [features], for the backward pass.</param>
/// <param name="RunningMean">The running mean [features].</param>
/// <param name="RunningVariance">The running variance, or standard deviation, as the constants say [features].</param>
/// <param name="Scratch"><see cref="TileScratch.Size"/> values for a thread, <see cref="TileScratch.WarpSize"/> for a warp.</param>
/// <param name="Constants">The constants.</param>
/// <param name="Features">How many features.</param>
/// <param name="Batch">N, at least 2.</param>
/// <param name="PaddedBatch">The length of a row, P: a multiple of the lanes.</param>
readonly record struct TileBatchNormForward(
    ViewMemory X, ViewMemory Y, ViewMemory Gain, ViewMemory Bias, ViewMemory InverseDeviation, ViewMemory RunningMean,
    ViewMemory RunningVariance, ViewMemory Scratch, BatchNormConstants Constants, int Features, int Batch, int PaddedBatch) : ITileOperation
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
        TMemory inverseDeviation = TMemory.At(InverseDeviation);
        TMemory runningMean = TMemory.At(RunningMean);
        TMemory runningVariance = TMemory.At(RunningVariance);
        TMemory scratch = TMemory.At(Scratch);
        TMemory means = scratch.From(BatchSums.Shifts<TLanes>());
        for (int first = 0; first < Features; first += TLanes.RowsPerSum)
        {
            int count = Features - first < TLanes.RowsPerSum ? Features - first : TLanes.RowsPerSum;
            TMemory values = x.From(first * PaddedBatch);
            // Race: another lane may still read the means of the last features, which the next shifts overwrite.
            TLanes.Sync();
            BatchSums.Sum<TLanes, TMemory>(values, count, Batch, PaddedBatch, scratch);
            Statistics<TLanes, TMemory>(
                scratch, means, inverseDeviation.From(first), runningMean.From(first), runningVariance.From(first), count);
            // Race: every lane reads the statistics of all features, each of which another lane has just stored.
            TLanes.Sync();
            Normalize<TLanes, TMemory>(
                values, y.From(first * PaddedBatch), count, means, inverseDeviation.From(first), gain.From(first), bias.From(first));
        }
    }

    // A feature in each lane. The means overwrite the shifts.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Statistics<TLanes, TMemory>(
        TMemory scratch, TMemory means, TMemory inverseDeviation, TMemory runningMean, TMemory runningVariance, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sum = TLanes.SumRows(scratch);
        TLanes squares = TLanes.SumRows(scratch.From(BatchSums.Squares<TLanes>()));
        TLanes shiftedMean = sum * TLanes.Broadcast(1f / Batch);
        TLanes mean = means.LoadFirst(0, count) + shiftedMean;

        // Σ (x - mean)² = Σ (x - shift)² - (mean - shift)·Σ (x - shift). Rounding may make it negative where a large batch lies far from
        // its first value. NaN stays, as the second argument of the maximum.
        TLanes variance = TLanes.Max(default, squares - (shiftedMean * sum)) * TLanes.Broadcast(1f / Constants.VarianceDivisor(Batch));
        TLanes momentum = TLanes.Broadcast(Constants.Momentum);
        TLanes rest = TLanes.Broadcast(1f - Constants.Momentum);
        // Race: a lane that lags behind would overwrite the mean of a feature by its shift, which all lanes store.
        TLanes.Sync();
        means.StoreFirst(0, count, mean);
        inverseDeviation.StoreFirst(0, count, Constants.InverseDeviation(variance));
        runningMean.StoreFirst(0, count, (rest * runningMean.LoadFirst(0, count)) + (momentum * mean));
        runningVariance.StoreFirst(0, count, (rest * runningVariance.LoadFirst(0, count)) + (momentum * Constants.ToStored(variance)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Normalize<TLanes, TMemory>(TMemory x, TMemory y, int count, TMemory means, TMemory inverseDeviation, TMemory gain, TMemory bias)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int feature = 0; feature < count; feature++)
        {
            TLanes mean = TLanes.Broadcast(means.Read(feature));
            TLanes inverse = TLanes.Broadcast(inverseDeviation.Read(feature));
            TLanes featureGain = TLanes.Broadcast(gain.Read(feature));
            TLanes featureBias = TLanes.Broadcast(bias.Read(feature));
            for (int n = 0; n < PaddedBatch; n += TLanes.Count)
            {
                TLanes normalized = (x.Load(n) - mean) * inverse;
                x.Store(n, normalized);
                y.Store(n, TLanes.MultiplyAdd(featureGain, normalized, featureBias));
            }
            x = x.From(PaddedBatch);
            y = y.From(PaddedBatch);
        }
    }
}

/// <summary>
/// Sums over the batch for mean and variance in one pass, shifted: of the differences from the feature's first value, the shift. Without
/// it, Σ x² - N·mean² would lose its digits where the mean is large beside the deviation (T. F. Chan, G. H. Golub and R. J. LeVeque,
/// "Algorithms for computing the sample variance: analysis and recommendations", 1983). For the fused form, by threads and by warps.
/// </summary>
static class BatchSums
{
    /// <summary>
    /// The offset in the scratch of the sums of squares, a row of lanes for each feature; the sums themselves come first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Squares<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => TileScratch.SumsSize<TLanes>();

    /// <summary>The offset in the scratch of the shifts, one for each feature.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Shifts<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => 2 * TileScratch.SumsSize<TLanes>();

    /// <summary>Stores for each feature its shift, and the sums, lane by lane, of the differences from it and of their squares.</summary>
    /// <param name="x">x [features, padded batch].</param>
    /// <param name="count">How many features, at most <see cref="ILanes{TSelf}.RowsPerSum"/>.</param>
    /// <param name="batch">N.</param>
    /// <param name="paddedBatch">The length of a row, P: a multiple of the lanes.</param>
    /// <param name="scratch">Where they go: <see cref="TileScratch.Size"/> values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum<TLanes, TMemory>(TMemory x, int count, int batch, int paddedBatch, TMemory scratch)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory squareSums = scratch.From(Squares<TLanes>());
        TMemory shifts = scratch.From(Shifts<TLanes>());
        int vectorEnd = batch / TLanes.Count * TLanes.Count;
        TLanes mask = TLanes.Ones(batch - vectorEnd);
        for (int feature = 0; feature < count; feature++)
        {
            float first = x.Read(0);
            TLanes shift = TLanes.Broadcast(first);
            TLanes sum = default;
            TLanes squares = default;
            for (int n = 0; n < vectorEnd; n += TLanes.Count)
            {
                TLanes difference = x.Load(n) - shift;
                sum += difference;
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }
            if (vectorEnd < batch)
            {
                // The mask keeps the padding out of the sums.
                TLanes difference = (x.Load(vectorEnd) - shift) * mask;
                sum += difference;
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }
            scratch.Store(feature * TLanes.Count, sum);
            squareSums.Store(feature * TLanes.Count, squares);
            shifts.Write(feature, first);
            x = x.From(paddedBatch);
        }
    }
}
