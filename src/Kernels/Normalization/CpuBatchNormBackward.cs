using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>The backward pass, in closed form. Workers share the features.</summary>
/// <param name="X">x [N, H].</param>
/// <param name="Mean">The batch's means [H].</param>
/// <param name="InverseDeviation">r, rstd [H].</param>
/// <param name="Gain">gain [H].</param>
/// <param name="Constants">The constants.</param>
/// <param name="DY">The gradient of y [N, H].</param>
/// <param name="Batch">N.</param>
/// <param name="Features">H.</param>
/// <param name="DX">The gradient of x [N, H]; may be dy itself.</param>
/// <param name="DGain">The gradient of the gain [H].</param>
/// <param name="DBias">The gradient of the bias [H].</param>
readonly record struct CpuBatchNormBackward(
    ViewMemory X, ViewMemory Mean, ViewMemory InverseDeviation, ViewMemory Gain, BatchNormConstants Constants, ViewMemory DY, int Batch,
    int Features, ViewMemory DX, ViewMemory DGain, ViewMemory DBias) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(Features, TLanes.Count);
        Sum<TLanes, TMemory>(first, end);
        Propagate<TLanes, TMemory>(first, end);
    }

    // Σ dy and Σ dy·x̂, the gradients of bias and gain. Sums are those of partial sums of a few examples: in one running sum, a
    // thousand roundings would cost several units in the sixth digit.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Sum<TLanes, TMemory>(int first, int end)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory dGain = TMemory.At(DGain);
        TMemory dBias = TMemory.At(DBias);
        TMemory inputs = TMemory.At(X);
        TMemory gradients = TMemory.At(DY);
        for (int row = 0; row < Batch; row += RowBands.OfTwo)
        {
            int rows = IntrinsicMath.Min(RowBands.OfTwo, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                TLanes mean = means.LoadPartial(feature, count);
                TLanes inverseDeviation = deviations.LoadPartial(feature, count);
                TMemory x = inputs.From(((long)row * Features) + feature);
                TMemory dy = gradients.From(((long)row * Features) + feature);
                TLanes sum = default;
                TLanes normalizedSum = default;
                for (int i = 0; i < rows; i++)
                {
                    TLanes gradient = dy.LoadPartial(0, count);
                    sum += gradient;
                    normalizedSum = TLanes.MultiplyAdd(gradient, (x.LoadPartial(0, count) - mean) * inverseDeviation, normalizedSum);
                    x = x.From(Features);
                    dy = dy.From(Features);
                }
                dBias.StorePartial(feature, count, row == 0 ? sum : dBias.LoadPartial(feature, count) + sum);
                dGain.StorePartial(feature, count, row == 0 ? normalizedSum : dGain.LoadPartial(feature, count) + normalizedSum);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Propagate<TLanes, TMemory>(int first, int end)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory gains = TMemory.At(Gain);
        TMemory dGain = TMemory.At(DGain);
        TMemory dBias = TMemory.At(DBias);
        TMemory inputs = TMemory.At(X);
        TMemory gradients = TMemory.At(DY);
        TMemory results = TMemory.At(DX);
        TLanes perExample = TLanes.Broadcast(1f / Batch);
        TLanes perDivisor = TLanes.Broadcast(1f / Constants.VarianceDivisor(Batch));
        for (int row = 0; row < Batch; row += RowBands.OfThree)
        {
            int rows = IntrinsicMath.Min(RowBands.OfThree, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                TLanes mean = means.LoadPartial(feature, count);
                TLanes inverseDeviation = deviations.LoadPartial(feature, count);
                TLanes meanGradient = dBias.LoadPartial(feature, count) * perExample;
                TLanes slope = dGain.LoadPartial(feature, count) * perDivisor * Constants.SlopeFactor(inverseDeviation);
                TLanes scale = gains.LoadPartial(feature, count) * inverseDeviation;
                TMemory x = inputs.From(((long)row * Features) + feature);
                TMemory dy = gradients.From(((long)row * Features) + feature);
                TMemory dx = results.From(((long)row * Features) + feature);
                for (int i = 0; i < rows; i++)
                {
                    TLanes normalized = (x.LoadPartial(0, count) - mean) * inverseDeviation;
                    dx.StorePartial(0, count, scale * (dy.LoadPartial(0, count) - meanGradient - (normalized * slope)));
                    x = x.From(Features);
                    dy = dy.From(Features);
                    dx = dx.From(Features);
                }
            }
        }
    }
}
