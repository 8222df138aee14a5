using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization for processors: the layered form on the CPU accelerator and on OpenCL devices that are processors. Workers share the
/// features, so that sums need no second launch; a vector has neighboring features of one example, so that they need no sum over lanes.
/// </summary>
/// <remarks>
/// The variance takes passes of its own, after the mean: Σ x² - N·mean² is the difference of two large sums and would lose the digits of a
/// small variance.
/// </remarks>
/// <param name="launcher">Loads and launches the kernels.</param>
sealed class CpuBatchNorm(Launcher launcher) : IBatchNorm
{
    readonly WorkerKernel<CpuBatchNormForward> forward = new(launcher);
    readonly WorkerKernel<CpuBatchNormFixed> forwardFixed = new(launcher);
    readonly WorkerKernel<CpuBatchNormBackward> backward = new(launcher);
    readonly WorkerKernel<CpuMoments> moments = new(launcher);

    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation,
        ArrayView<float> runningMean, ArrayView<float> runningVariance) =>
        forward.Launch(new(
            new(x, 0), new(gain, 0), new(bias, 0), constants, batch, features, new(y, 0), new(mean, 0), new(inverseDeviation, 0),
            new(runningMean, 0), new(runningVariance, 0)));

    public void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y) =>
        forwardFixed.Launch(new(
            new(x, 0), new(gain, 0), new(bias, 0), new(mean, 0), new(variance, 0), constants, batch, features, new(y, 0)));

    public void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain,
        BatchNormConstants constants, ArrayView<float> dy, int batch, int features, ArrayView<float> dx, ArrayView<float> dGain,
        ArrayView<float> dBias) =>
        backward.Launch(new(
            new(x, 0), new(mean, 0), new(inverseDeviation, 0), new(gain, 0), constants, new(dy, 0), batch, features, new(dx, 0),
            new(dGain, 0), new(dBias, 0)));

    public void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares) =>
        moments.Launch(new(new(x, 0), batch, features, new(mean, 0), new(squares, 0)));

    public void PlanForward(LaunchPlan plan, int batch, int features) => plan.Launch();

    public void PlanBackward(LaunchPlan plan, int batch, int features) => plan.Launch();
}

/// <summary>
/// The mean of each feature and the sum of the squared differences from it. Sums are those of partial sums of 8 examples: the caches take
/// so many rows side by side, and in one running sum, a thousand roundings would cost several units in the sixth digit.
/// </summary>
/// <param name="X">x [N, H].</param>
/// <param name="Batch">N.</param>
/// <param name="Features">H.</param>
/// <param name="Means">The means [H].</param>
/// <param name="Squares">The sums of squared differences [H].</param>
readonly record struct CpuMoments(ViewMemory X, int Batch, int Features, ViewMemory Means, ViewMemory Squares) : IWorkerOperation
{
    /// <summary>Examples of a partial sum.</summary>
    public const int BandRows = 8;

    // The mean is that of the differences from the first example. Without that, equal values that are large would seem to vary by their
    // rounding.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Means);
        TMemory sums = TMemory.At(Squares);
        TMemory x = TMemory.At(X);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int feature = first; feature < end; feature += TLanes.Count)
        {
            means.StorePartial(feature, end - feature, x.LoadPartial(feature, end - feature));
        }
        Sum<TLanes, TMemory>(first, end, isSquared: 0);
        for (int feature = first; feature < end; feature += TLanes.Count)
        {
            int count = end - feature;
            TLanes difference = sums.LoadPartial(feature, count) / TLanes.Broadcast(Batch);
            means.StorePartial(feature, count, means.LoadPartial(feature, count) + difference);
        }
        Sum<TLanes, TMemory>(first, end, isSquared: 1);
    }

    // Into the squares: sums of the differences from the means, or of their squares.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Sum<TLanes, TMemory>(int first, int end, int isSquared)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Means);
        TMemory sums = TMemory.At(Squares);
        for (int row = 0; row < Batch; row += BandRows)
        {
            int rows = IntrinsicMath.Min(BandRows, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                TMemory x = TMemory.At(X).From(((long)row * Features) + feature);
                TLanes mean = means.LoadPartial(feature, count);
                TLanes sum = default;
                for (int i = 0; i < rows; i++)
                {
                    TLanes difference = x.LoadPartial(0, count) - mean;
                    sum = isSquared == 0 ? sum + difference : TLanes.MultiplyAdd(difference, difference, sum);
                    x = x.From(Features);
                }
                sums.StorePartial(feature, count, row == 0 ? sum : sums.LoadPartial(feature, count) + sum);
            }
        }
    }
}

/// <summary>Normalization by the batch's own statistics. Workers share the features.</summary>
/// <param name="X">x [N, H].</param>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="Constants">The constants.</param>
/// <param name="Batch">N.</param>
/// <param name="Features">H.</param>
/// <param name="Y">y [N, H].</param>
/// <param name="Mean">The batch's means [H].</param>
/// <param name="InverseDeviation">r, rstd [H].</param>
/// <param name="RunningMean">The running mean [H], updated.</param>
/// <param name="RunningVariance">The running variance or standard deviation [H], updated.</param>
readonly record struct CpuBatchNormForward(
    ViewMemory X, ViewMemory Gain, ViewMemory Bias, BatchNormConstants Constants, int Batch, int Features, ViewMemory Y, ViewMemory Mean,
    ViewMemory InverseDeviation, ViewMemory RunningMean, ViewMemory RunningVariance) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        new CpuMoments(X, Batch, Features, Mean, InverseDeviation).Run<TLanes, TMemory>(worker);
        TMemory mean = TMemory.At(Mean);
        TMemory inverseDeviation = TMemory.At(InverseDeviation);
        TMemory runningMean = TMemory.At(RunningMean);
        TMemory runningVariance = TMemory.At(RunningVariance);
        TLanes momentum = TLanes.Broadcast(Constants.Momentum);
        TLanes rest = TLanes.Broadcast(1f - Constants.Momentum);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int feature = first; feature < end; feature += TLanes.Count)
        {
            int count = end - feature;
            TLanes variance = inverseDeviation.LoadPartial(feature, count) / TLanes.Broadcast(Constants.VarianceDivisor(Batch));
            inverseDeviation.StorePartial(feature, count, Constants.InverseDeviation(variance));
            if (Constants.Momentum > 0f)
            {
                TLanes means = mean.LoadPartial(feature, count);
                TLanes variances = Constants.ToStored(variance);
                runningMean.StorePartial(feature, count, (rest * runningMean.LoadPartial(feature, count)) + (momentum * means));
                runningVariance.StorePartial(
                    feature, count, (rest * runningVariance.LoadPartial(feature, count)) + (momentum * variances));
            }
        }
        for (int row = 0; row < Batch; row += CpuMoments.BandRows)
        {
            int rows = IntrinsicMath.Min(CpuMoments.BandRows, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                long start = ((long)row * Features) + feature;
                CpuNormalization.Run(
                    TMemory.At(X).From(start), TMemory.At(Gain).LoadPartial(feature, count), TMemory.At(Bias).LoadPartial(feature, count),
                    mean.LoadPartial(feature, count), inverseDeviation.LoadPartial(feature, count), rows, Features, count,
                    TMemory.At(Y).From(start));
            }
        }
    }
}

/// <summary>Normalization by stored statistics. Workers share the features.</summary>
/// <param name="X">x [N, H].</param>
/// <param name="Gain">gain [H].</param>
/// <param name="Bias">bias [H].</param>
/// <param name="Mean">The means [H].</param>
/// <param name="Variance">The variances or standard deviations [H].</param>
/// <param name="Constants">The constants.</param>
/// <param name="Batch">N.</param>
/// <param name="Features">H.</param>
/// <param name="Y">y [N, H].</param>
readonly record struct CpuBatchNormFixed(
    ViewMemory X, ViewMemory Gain, ViewMemory Bias, ViewMemory Mean, ViewMemory Variance, BatchNormConstants Constants, int Batch,
    int Features, ViewMemory Y) : IWorkerOperation
{
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory variance = TMemory.At(Variance);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int row = 0; row < Batch; row += CpuMoments.BandRows)
        {
            int rows = IntrinsicMath.Min(CpuMoments.BandRows, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                long start = ((long)row * Features) + feature;
                CpuNormalization.Run(
                    TMemory.At(X).From(start), TMemory.At(Gain).LoadPartial(feature, count), TMemory.At(Bias).LoadPartial(feature, count),
                    TMemory.At(Mean).LoadPartial(feature, count), Constants.InverseOfStored(variance.LoadPartial(feature, count)), rows,
                    Features, count, TMemory.At(Y).From(start));
            }
        }
    }
}

/// <summary>y = gain·(x - mean)·r + bias for some examples of neighboring features.</summary>
static class CpuNormalization
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TLanes, TMemory>(
        TMemory x, TLanes gain, TLanes bias, TLanes mean, TLanes inverseDeviation, int rows, int stride, int count, TMemory y)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int row = 0; row < rows; row++)
        {
            y.StorePartial(0, count, (gain * ((x.LoadPartial(0, count) - mean) * inverseDeviation)) + bias);
            x = x.From(stride);
            y = y.From(stride);
        }
    }
}

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
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory dGain = TMemory.At(DGain);
        TMemory dBias = TMemory.At(DBias);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int row = 0; row < Batch; row += CpuMoments.BandRows)
        {
            int rows = IntrinsicMath.Min(CpuMoments.BandRows, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                long start = ((long)row * Features) + feature;
                (TLanes sum, TLanes normalizedSum) = Sums(
                    TMemory.At(X).From(start), means.LoadPartial(feature, count), deviations.LoadPartial(feature, count),
                    TMemory.At(DY).From(start), rows, count);
                dBias.StorePartial(feature, count, row == 0 ? sum : dBias.LoadPartial(feature, count) + sum);
                dGain.StorePartial(feature, count, row == 0 ? normalizedSum : dGain.LoadPartial(feature, count) + normalizedSum);
            }
        }
        for (int row = 0; row < Batch; row += CpuMoments.BandRows)
        {
            int rows = IntrinsicMath.Min(CpuMoments.BandRows, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                long start = ((long)row * Features) + feature;
                TLanes inverseDeviation = deviations.LoadPartial(feature, count);
                TLanes meanGradient = dBias.LoadPartial(feature, count) / TLanes.Broadcast(Batch);
                TLanes slope = dGain.LoadPartial(feature, count) / TLanes.Broadcast(Constants.VarianceDivisor(Batch))
                    * Constants.SlopeFactor(inverseDeviation);
                TLanes scale = TMemory.At(Gain).LoadPartial(feature, count) * inverseDeviation;
                Propagate(
                    TMemory.At(X).From(start), means.LoadPartial(feature, count), inverseDeviation, TMemory.At(DY).From(start),
                    meanGradient, slope, scale, rows, count, TMemory.At(DX).From(start));
            }
        }
    }

    // Σ dy and Σ dy·x̂ over some examples.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    (TLanes Sum, TLanes NormalizedSum) Sums<TLanes, TMemory>(
        TMemory x, TLanes mean, TLanes inverseDeviation, TMemory dy, int rows, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sum = default;
        TLanes normalizedSum = default;
        for (int row = 0; row < rows; row++)
        {
            TLanes gradient = dy.LoadPartial(0, count);
            sum += gradient;
            normalizedSum = TLanes.MultiplyAdd(gradient, (x.LoadPartial(0, count) - mean) * inverseDeviation, normalizedSum);
            x = x.From(Features);
            dy = dy.From(Features);
        }
        return (sum, normalizedSum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    void Propagate<TLanes, TMemory>(
        TMemory x, TLanes mean, TLanes inverseDeviation, TMemory dy, TLanes meanGradient, TLanes slope, TLanes scale, int rows, int count,
        TMemory dx)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        for (int row = 0; row < rows; row++)
        {
            TLanes normalized = (x.LoadPartial(0, count) - mean) * inverseDeviation;
            dx.StorePartial(0, count, scale * (dy.LoadPartial(0, count) - meanGradient - (normalized * slope)));
            x = x.From(Features);
            dy = dy.From(Features);
            dx = dx.From(Features);
        }
    }
}
