using System.Runtime.CompilerServices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary><see cref="GroupNorm.Forward"/> on a processor. Workers share the groups of all examples.</summary>
/// <param name="X">x [N, H].</param>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="Epsilon">ε.</param>
/// <param name="Count">N·G.</param>
/// <param name="Groups">G.</param>
/// <param name="Width">Features of a group.</param>
/// <param name="Y">y [N, H].</param>
/// <param name="Mean">The groups' means [N, G].</param>
/// <param name="InverseDeviation">r, rstd [N, G].</param>
readonly record struct CpuGroupNormForward(
    ViewMemory X, ViewMemory Gain, ViewMemory Bias, float Epsilon, int Count, int Groups, int Width, ViewMemory Y, ViewMemory Mean,
    ViewMemory InverseDeviation) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(Count);
        for (int group = first; group < end; group++)
        {
            TMemory x = TMemory.At(X).From((long)group * Width);
            float roughMean = Sum<TLanes, TMemory>(x) / Width;
            (float rest, float squares) = Differences<TLanes, TMemory>(x, TLanes.Broadcast(roughMean));
            float mean = roughMean + (rest / Width);
            TLanes means = TLanes.Broadcast(mean);
            // Rounding may make it negative where all values are equal. NaN stays, as the second argument of the maximum.
            TLanes variance = TLanes.Max(default, TLanes.Broadcast((squares - (rest * rest / Width)) / Width));
            TLanes deviations = BatchNormConstants.Inverse(TLanes.Sqrt(variance + TLanes.Broadcast(Epsilon)));
            TMemory.At(Mean).Write(group, mean);
            TMemory.At(InverseDeviation).Write(group, deviations.First);
            TMemory gain = TMemory.At(Gain).From(group % Groups * Width);
            TMemory bias = TMemory.At(Bias).From(group % Groups * Width);
            TMemory y = TMemory.At(Y).From((long)group * Width);
            for (int i = 0; i < Width; i += TLanes.Count)
            {
                int count = Width - i;
                TLanes normalized = (x.LoadPartial(i, count) - means) * deviations;
                y.StorePartial(i, count, (gain.LoadPartial(i, count) * normalized) + bias.LoadPartial(i, count));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    float Sum<TLanes, TMemory>(TMemory x)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sum = default;
        for (int i = 0; i < Width; i += TLanes.Count)
        {
            sum += x.LoadPartial(i, Width - i);
        }
        return sum.Sum;
    }

    // Σ (x - mean) and Σ (x - mean)².
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    (float Remainder, float Squares) Differences<TLanes, TMemory>(TMemory x, TLanes mean)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes rest = default;
        TLanes squares = default;
        for (int i = 0; i < Width; i += TLanes.Count)
        {
            TLanes difference = TLanes.Ones(Width - i) * (x.LoadPartial(i, Width - i) - mean);
            rest += difference;
            squares = TLanes.MultiplyAdd(difference, difference, squares);
        }
        return (rest.Sum, squares.Sum);
    }
}

/// <summary>The gradient of x in <see cref="GroupNorm.Backward"/>, on a processor. Workers share the groups of all examples.</summary>
/// <param name="X">x [N, H].</param>
/// <param name="Mean">The groups' means [N, G].</param>
/// <param name="InverseDeviation">r, rstd [N, G].</param>
/// <param name="Gain">gain [H].</param>
/// <param name="DY">The gradient of y [N, H].</param>
/// <param name="Count">N·G.</param>
/// <param name="Groups">G.</param>
/// <param name="Width">Features of a group.</param>
/// <param name="DX">The gradient of x [N, H]; may be dy itself.</param>
readonly record struct CpuGroupNormPropagation(
    ViewMemory X, ViewMemory Mean, ViewMemory InverseDeviation, ViewMemory Gain, ViewMemory DY, int Count, int Groups, int Width,
    ViewMemory DX) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        (int first, int end) = worker.Share(Count);
        for (int group = first; group < end; group++)
        {
            TMemory x = TMemory.At(X).From((long)group * Width);
            TMemory dy = TMemory.At(DY).From((long)group * Width);
            TMemory gain = TMemory.At(Gain).From(group % Groups * Width);
            TLanes mean = TLanes.Broadcast(TMemory.At(Mean).Read(group));
            TLanes inverseDeviation = TLanes.Broadcast(TMemory.At(InverseDeviation).Read(group));
            TLanes sum = default;
            TLanes normalizedSum = default;
            for (int i = 0; i < Width; i += TLanes.Count)
            {
                int count = Width - i;
                // 0 behind the last feature, where the gain is.
                TLanes gradient = dy.LoadPartial(i, count) * gain.LoadPartial(i, count);
                sum += gradient;
                normalizedSum = TLanes.MultiplyAdd(gradient, (x.LoadPartial(i, count) - mean) * inverseDeviation, normalizedSum);
            }
            TLanes meanGradient = TLanes.Broadcast(sum.Sum / Width);
            TLanes slope = TLanes.Broadcast(normalizedSum.Sum / Width);
            TMemory dx = TMemory.At(DX).From((long)group * Width);
            for (int i = 0; i < Width; i += TLanes.Count)
            {
                int count = Width - i;
                TLanes gradient = dy.LoadPartial(i, count) * gain.LoadPartial(i, count);
                TLanes normalized = (x.LoadPartial(i, count) - mean) * inverseDeviation;
                dx.StorePartial(i, count, inverseDeviation * (gradient - meanGradient - (normalized * slope)));
            }
        }
    }
}

/// <summary>
/// The gradients of gain and bias in <see cref="GroupNorm.Backward"/>, on a processor. Workers share the features, by vectors that lie in
/// one group each. Sums are those of partial sums of 8 examples.
/// </summary>
/// <param name="X">x [N, H].</param>
/// <param name="Mean">The groups' means [N, G].</param>
/// <param name="InverseDeviation">r, rstd [N, G].</param>
/// <param name="DY">The gradient of y [N, H].</param>
/// <param name="Batch">N.</param>
/// <param name="Groups">G.</param>
/// <param name="Width">Features of a group.</param>
/// <param name="DGain">The gradient of the gain [H].</param>
/// <param name="DBias">The gradient of the bias [H].</param>
readonly record struct CpuGroupNormSums(
    ViewMemory X, ViewMemory Mean, ViewMemory InverseDeviation, ViewMemory DY, int Batch, int Groups, int Width, ViewMemory DGain,
    ViewMemory DBias) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        int vectors = ((Width - 1) / TLanes.Count) + 1;
        (int first, int end) = worker.Share(Groups * vectors);
        for (int vector = first; vector < end; vector++)
        {
            int group = vector / vectors;
            int offset = vector % vectors * TLanes.Count;
            int count = Width - offset;
            int feature = (group * Width) + offset;
            TLanes sum = default;
            TLanes normalizedSum = default;
            TLanes partialSum = default;
            TLanes partialNormalizedSum = default;
            for (int row = 0; row < Batch; row++)
            {
                long start = ((long)row * Groups * Width) + feature;
                TLanes mean = TMemory.At(Mean).Broadcast((row * Groups) + group);
                TLanes inverseDeviation = TMemory.At(InverseDeviation).Broadcast((row * Groups) + group);
                TLanes gradient = TMemory.At(DY).From(start).LoadPartial(0, count);
                TLanes normalized = (TMemory.At(X).From(start).LoadPartial(0, count) - mean) * inverseDeviation;
                partialSum += gradient;
                partialNormalizedSum = TLanes.MultiplyAdd(gradient, normalized, partialNormalizedSum);
                if ((row + 1) % CpuMoments.BandRows == 0 || row + 1 == Batch)
                {
                    sum += partialSum;
                    normalizedSum += partialNormalizedSum;
                    partialSum = default;
                    partialNormalizedSum = default;
                }
            }
            TMemory.At(DBias).StorePartial(feature, count, sum);
            TMemory.At(DGain).StorePartial(feature, count, normalizedSum);
        }
    }
}
