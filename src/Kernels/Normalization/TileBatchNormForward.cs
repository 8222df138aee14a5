using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization of each feature by the batch's own statistics: x becomes x̂ = (x - mean)·r, y = gain·x̂ + bias, and the running
/// statistics move. The batch lies in the lanes, a row for each feature. The mathematics is that of <see cref="BatchNorm"/>.
/// </summary>
/// <remarks>
/// Arrays by feature are padded to whole vectors, and their padding holds nothing.
/// </remarks>
/// <param name="X">x [features, padded batch]; becomes x̂.</param>
/// <param name="Y">y [features, padded batch].</param>
/// <param name="Gain">gain [features].</param>
/// <param name="Bias">bias [features].</param>
/// <param name="InverseDeviation">r [features], for the backward pass.</param>
/// <param name="RunningMean">The running mean [features].</param>
/// <param name="RunningVariance">The running variance or standard deviation [features].</param>
/// <param name="Scratch">Room for <see cref="TileScratch.Size"/> values.</param>
/// <param name="Constants">ε, momentum and the measure of spread.</param>
/// <param name="Features">How many features.</param>
/// <param name="Batch">N, at least 2.</param>
/// <param name="PaddedBatch">The length of a row, a multiple of the lanes.</param>
readonly record struct TileBatchNormForward(
    ViewMemory X, ViewMemory Y, ViewMemory Gain, ViewMemory Bias, ViewMemory InverseDeviation, ViewMemory RunningMean, ViewMemory RunningVariance,
    ViewMemory Scratch, BatchNormConstants Constants, int Features, int Batch, int PaddedBatch) : ITileOperation
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
        TMemory runningSpread = TMemory.At(RunningVariance);
        TMemory scratch = TMemory.At(Scratch);
        TMemory means = scratch.From(BatchSums.Firsts<TLanes>());
        for (int first = 0; first < Features; first += TLanes.RowsPerSum)
        {
            int count = Features - first < TLanes.RowsPerSum ? Features - first : TLanes.RowsPerSum;
            TMemory values = x.From(first * PaddedBatch);
            // The last features' means are written over.
            TLanes.Sync();
            BatchSums.Sum<TLanes, TMemory>(values, count, Batch, PaddedBatch, scratch);
            Statistics<TLanes, TMemory>(
                scratch, means, inverseDeviation.From(first), runningMean.From(first), runningSpread.From(first), count);
            // Every lane reads the statistics of each feature.
            TLanes.Sync();
            Normalize<TLanes, TMemory>(
                values, y.From(first * PaddedBatch), count, means, inverseDeviation.From(first), gain.From(first), bias.From(first));
        }
    }

    // A feature in each lane. The means take the place of the first values.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Statistics<TLanes, TMemory>(TMemory scratch, TMemory means, TMemory inverseDeviation, TMemory runningMean, TMemory runningSpread, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sum = TLanes.SumRows(scratch);
        TLanes squares = TLanes.SumRows(scratch.From(BatchSums.Squares<TLanes>()));
        TLanes shiftedMean = sum * TLanes.Broadcast(1f / Batch);
        TLanes mean = means.LoadFirst(0, count) + shiftedMean;

        // Rounding may leave less than nothing of a large batch whose first value lies apart. NaN stays, as the second argument.
        TLanes variance = TLanes.Max(default, squares - (shiftedMean * sum)) * TLanes.Broadcast(1f / (Batch - 1));
        TLanes spread = Constants.Running == RunningStatistic.StandardDeviation ? TLanes.Sqrt(variance) : variance;
        TLanes momentum = TLanes.Broadcast(Constants.Momentum);
        TLanes rest = TLanes.Broadcast(1f - Constants.Momentum);
        // A lane that lags behind would write a first value over its feature's mean.
        TLanes.Sync();
        means.StoreFirst(0, count, mean);
        inverseDeviation.StoreFirst(0, count, TLanes.Broadcast(1f) / TLanes.Sqrt(variance + TLanes.Broadcast(Constants.Epsilon)));
        runningMean.StoreFirst(0, count, (rest * runningMean.LoadFirst(0, count)) + (momentum * mean));
        runningSpread.StoreFirst(0, count, (rest * runningSpread.LoadFirst(0, count)) + (momentum * spread));
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
/// Sums over the batch for mean and variance, in one pass: of differences from the feature's first value, among which no digits are lost to a
/// large mean (T. F. Chan, G. H. Golub and R. J. LeVeque, "Algorithms for computing the sample variance", 1983).
/// </summary>
static class BatchSums
{
    /// <summary>Where in the scratch the sums of squares lie, a row of lanes for each feature; the sums themselves come first.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Squares<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => TileScratch.Sums<TLanes>();

    /// <summary>Where in the scratch the first values lie, one for each feature.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Firsts<TLanes>()
        where TLanes : unmanaged, ILanes<TLanes> => 2 * TileScratch.Sums<TLanes>();

    /// <summary>For each feature its first value, and the sums, lane by lane, of the differences from it and of their squares.</summary>
    /// <typeparam name="TLanes">The lanes.</typeparam>
    /// <typeparam name="TMemory">The memory.</typeparam>
    /// <param name="x">x [features, padded batch].</param>
    /// <param name="count">How many features; at most as many as are summed at a time.</param>
    /// <param name="batch">N.</param>
    /// <param name="paddedBatch">The length of a row, a multiple of the lanes.</param>
    /// <param name="scratch">Where they go: <see cref="TileScratch.Size"/> values.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Sum<TLanes, TMemory>(TMemory x, int count, int batch, int paddedBatch, TMemory scratch)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory squareSums = scratch.From(Squares<TLanes>());
        TMemory firsts = scratch.From(Firsts<TLanes>());
        int whole = batch / TLanes.Count * TLanes.Count;
        TLanes ones = TLanes.Ones(batch - whole);
        for (int feature = 0; feature < count; feature++)
        {
            float first = x.Read(0);
            TLanes shift = TLanes.Broadcast(first);
            TLanes sum = default;
            TLanes squares = default;
            for (int n = 0; n < whole; n += TLanes.Count)
            {
                TLanes difference = x.Load(n) - shift;
                sum += difference;
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }
            if (whole < batch)
            {
                TLanes difference = (x.Load(whole) - shift) * ones;
                sum += difference;
                squares = TLanes.MultiplyAdd(difference, difference, squares);
            }
            scratch.Store(feature * TLanes.Count, sum);
            squareSums.Store(feature * TLanes.Count, squares);
            firsts.Write(feature, first);
            x = x.From(paddedBatch);
        }
    }
}
