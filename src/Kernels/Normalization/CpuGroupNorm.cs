using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary><c>GroupNorm.Forward</c> on a processor. Workers share the groups of all examples.</summary>
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
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory gains = TMemory.At(Gain);
        TMemory biases = TMemory.At(Bias);
        (int first, int end) = worker.Share(Count);
        TMemory x = TMemory.At(X).From((long)first * Width);
        TMemory y = TMemory.At(Y).From((long)first * Width);
        for (int group = first; group < end; group++)
        {
            float roughMean = Sum<TLanes, TMemory>(x) / Width;
            (float rest, float squares) = Differences<TLanes, TMemory>(x, TLanes.Broadcast(roughMean));
            TLanes mean = TLanes.Broadcast(roughMean + (rest / Width));
            // Rounding may make it negative where all values are equal. NaN stays, as the second argument of the maximum.
            TLanes variance = TLanes.Max(default, TLanes.Broadcast((squares - (rest * rest / Width)) / Width));
            TLanes inverseDeviation = BatchNormConstants.Inverse(TLanes.Sqrt(variance + TLanes.Broadcast(Epsilon)));
            means.Write(group, mean.First);
            deviations.Write(group, inverseDeviation.First);
            TMemory gain = gains.From(group % Groups * Width);
            TMemory bias = biases.From(group % Groups * Width);
            for (int i = 0; i < Width; i += TLanes.Count)
            {
                int count = Width - i;
                TLanes normalized = (x.LoadPartial(i, count) - mean) * inverseDeviation;
                y.StorePartial(i, count, (gain.LoadPartial(i, count) * normalized) + bias.LoadPartial(i, count));
            }
            x = x.From(Width);
            y = y.From(Width);
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

/// <summary>The gradient of x in <c>GroupNorm.Backward</c>, on a processor. Workers share the groups of all examples.</summary>
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
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory gains = TMemory.At(Gain);
        (int first, int end) = worker.Share(Count);
        TMemory x = TMemory.At(X).From((long)first * Width);
        TMemory dy = TMemory.At(DY).From((long)first * Width);
        TMemory dx = TMemory.At(DX).From((long)first * Width);
        for (int group = first; group < end; group++)
        {
            TMemory gain = gains.From(group % Groups * Width);
            TLanes mean = means.Broadcast(group);
            TLanes inverseDeviation = deviations.Broadcast(group);
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
            for (int i = 0; i < Width; i += TLanes.Count)
            {
                int count = Width - i;
                TLanes gradient = dy.LoadPartial(i, count) * gain.LoadPartial(i, count);
                TLanes normalized = (x.LoadPartial(i, count) - mean) * inverseDeviation;
                dx.StorePartial(i, count, inverseDeviation * (gradient - meanGradient - (normalized * slope)));
            }
            x = x.From(Width);
            dy = dy.From(Width);
            dx = dx.From(Width);
        }
    }
}

/// <summary>
/// The gradients of gain and bias in <c>GroupNorm.Backward</c>, on a processor. Workers share the features, by vectors that lie in
/// one group each. Sums are those of partial sums of a few examples.
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
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory inputs = TMemory.At(X);
        TMemory gradients = TMemory.At(DY);
        TMemory dGain = TMemory.At(DGain);
        TMemory dBias = TMemory.At(DBias);
        int vectors = ((Width - 1) / TLanes.Count) + 1;
        (int first, int end) = worker.Share(Groups * vectors);
        for (int row = 0; row < Batch; row += RowBands.OfTwo)
        {
            int rows = IntrinsicMath.Min(RowBands.OfTwo, Batch - row);
            int group = first / vectors;
            int offset = first % vectors * TLanes.Count;
            for (int vector = first; vector < end; vector++)
            {
                int count = Width - offset;
                int feature = (group * Width) + offset;
                TMemory x = inputs.From(((long)row * Groups * Width) + feature);
                TMemory dy = gradients.From(((long)row * Groups * Width) + feature);
                TLanes sum = default;
                TLanes normalizedSum = default;
                for (int i = 0; i < rows; i++)
                {
                    TLanes mean = means.Broadcast(((row + i) * Groups) + group);
                    TLanes inverseDeviation = deviations.Broadcast(((row + i) * Groups) + group);
                    TLanes gradient = dy.LoadPartial(0, count);
                    sum += gradient;
                    normalizedSum = TLanes.MultiplyAdd(gradient, (x.LoadPartial(0, count) - mean) * inverseDeviation, normalizedSum);
                    x = x.From((long)Groups * Width);
                    dy = dy.From((long)Groups * Width);
                }
                dBias.StorePartial(feature, count, row == 0 ? sum : dBias.LoadPartial(feature, count) + sum);
                dGain.StorePartial(feature, count, row == 0 ? normalizedSum : dGain.LoadPartial(feature, count) + normalizedSum);
                offset += TLanes.Count;
                if (offset >= Width)
                {
                    offset = 0;
                    group++;
                }
            }
        }
    }
}
