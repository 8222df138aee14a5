using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization backward, for the fused form by threads and by warps: dy becomes dx, and the gradients of gain and bias are applied,
/// w = decay·w - learning rate · dw. The mathematics is that of <see cref="BatchNorm"/>.
/// </summary>
/// <remarks>
/// The batch lies in the lanes, a row for each feature. Once the sums over the batch are summed over the lanes, there is a feature in each
/// lane, where dx becomes scale·dy + offset + slope·x̂ with three factors for each feature.
/// </remarks>
/// <param name="Normalized">x̂ [features, padded batch].</param>
/// <param name="InverseDeviation">r, rstd [features].</param>
/// <param name="DY">dy [features, padded batch], 0 in the padding; becomes dx, 0 in the padding.</param>
/// <param name="Gain">gain [features], updated.</param>
/// <param name="Bias">bias [features], updated.</param>
/// <param name="Scratch"><see cref="TileScratch.Size"/> values for a thread, <see cref="TileScratch.WarpSize"/> for a warp.</param>
/// <param name="Constants">The constants.</param>
/// <param name="LearningRate">The learning rate.</param>
/// <param name="GainDecay">What weight decay leaves of the gain in a step; 1 without.</param>
/// <param name="BiasDecay">What it leaves of the bias.</param>
/// <param name="Features">How many features.</param>
/// <param name="Batch">N, at least 2.</param>
/// <param name="PaddedBatch">The length of a row, P: a multiple of the lanes.</param>
readonly record struct TileBatchNormBackward(
    ViewMemory Normalized, ViewMemory InverseDeviation, ViewMemory DY, ViewMemory Gain, ViewMemory Bias, ViewMemory Scratch,
    BatchNormConstants Constants, float LearningRate, float GainDecay, float BiasDecay, int Features, int Batch, int PaddedBatch)
    : ITileOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>()
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory normalized = TMemory.At(Normalized);
        TMemory inverseDeviation = TMemory.At(InverseDeviation);
        TMemory dy = TMemory.At(DY);
        TMemory gain = TMemory.At(Gain);
        TMemory bias = TMemory.At(Bias);
        TMemory scratch = TMemory.At(Scratch);
        for (int first = 0; first < Features; first += TLanes.RowsPerSum)
        {
            int count = Features - first < TLanes.RowsPerSum ? Features - first : TLanes.RowsPerSum;
            TMemory values = normalized.From(first * PaddedBatch);
            TMemory gradients = dy.From(first * PaddedBatch);
            Sum<TLanes, TMemory>(values, gradients, count, scratch);
            // Race: another lane may still read the factors of the last features, which the update overwrites.
            TLanes.Sync();
            Update<TLanes, TMemory>(scratch, inverseDeviation.From(first), gain.From(first), bias.From(first), count);
            // Race: every lane reads the factors of all features, each of which another lane has just stored.
            TLanes.Sync();
            Propagate<TLanes, TMemory>(values, gradients, count, scratch);
        }
    }

    // For each feature Σ dy and Σ dy·x̂, lane by lane. The padding of dy is 0, which adds nothing.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Sum<TLanes, TMemory>(TMemory normalized, TMemory dy, int count, TMemory scratch)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory products = scratch.From(TileScratch.SumsSize<TLanes>());
        for (int feature = 0; feature < count; feature++)
        {
            TLanes sum = default;
            TLanes product = default;
            for (int n = 0; n < PaddedBatch; n += TLanes.Count)
            {
                TLanes gradient = dy.Load(n);
                sum += gradient;
                product = TLanes.MultiplyAdd(gradient, normalized.Load(n), product);
            }
            scratch.Store(feature * TLanes.Count, sum);
            products.Store(feature * TLanes.Count, product);
            normalized = normalized.From(PaddedBatch);
            dy = dy.From(PaddedBatch);
        }
    }

    // A feature in each lane: the factors of dx = scale·dy + offset + slope·x̂, and the update of gain and bias.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Update<TLanes, TMemory>(TMemory scratch, TMemory inverseDeviation, TMemory gain, TMemory bias, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes dBias = TLanes.SumRows(scratch);
        TLanes dGain = TLanes.SumRows(scratch.From(TileScratch.SumsSize<TLanes>()));
        TLanes inverse = inverseDeviation.LoadFirst(0, count);
        TLanes scale = gain.LoadFirst(0, count) * inverse;
        TLanes slopeFactor = TLanes.Broadcast(-1f / Constants.VarianceDivisor(Batch)) * Constants.SlopeFactor(inverse);
        TMemory factors = scratch.From(2 * TileScratch.SumsSize<TLanes>());
        factors.StoreFirst(0, count, scale);
        factors.StoreFirst(TileScratch.MaxLanes, count, scale * dBias * TLanes.Broadcast(-1f / Batch));
        factors.StoreFirst(2 * TileScratch.MaxLanes, count, scale * dGain * slopeFactor);
        TLanes step = TLanes.Broadcast(-LearningRate);
        gain.StoreFirst(0, count, TLanes.MultiplyAdd(step, dGain, TLanes.Broadcast(GainDecay) * gain.LoadFirst(0, count)));
        bias.StoreFirst(0, count, TLanes.MultiplyAdd(step, dBias, TLanes.Broadcast(BiasDecay) * bias.LoadFirst(0, count)));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Propagate<TLanes, TMemory>(TMemory normalized, TMemory dy, int count, TMemory scratch)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory factors = scratch.From(2 * TileScratch.SumsSize<TLanes>());
        int vectorEnd = Batch / TLanes.Count * TLanes.Count;
        for (int feature = 0; feature < count; feature++)
        {
            TLanes scale = TLanes.Broadcast(factors.Read(feature));
            TLanes offset = TLanes.Broadcast(factors.Read(TileScratch.MaxLanes + feature));
            TLanes slope = TLanes.Broadcast(factors.Read((2 * TileScratch.MaxLanes) + feature));
            for (int n = 0; n < vectorEnd; n += TLanes.Count)
            {
                dy.Store(n, TLanes.MultiplyAdd(scale, dy.Load(n), TLanes.MultiplyAdd(slope, normalized.Load(n), offset)));
            }
            for (int n = vectorEnd; n < PaddedBatch; n += TLanes.Count)
            {
                // The mask keeps the padding 0, which the offset would change.
                TLanes gradient = TLanes.MultiplyAdd(scale, dy.Load(n), TLanes.MultiplyAdd(slope, normalized.Load(n), offset));
                dy.Store(n, gradient * TLanes.Ones(Batch - n));
            }
            normalized = normalized.From(PaddedBatch);
            dy = dy.From(PaddedBatch);
        }
    }
}
