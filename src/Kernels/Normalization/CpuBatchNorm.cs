using System.Runtime.CompilerServices;
using ILGPU;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization for processors: the layered form on the CPU accelerator and on OpenCL devices that are processors. Workers share the
/// features, so that sums need no second launch; a vector has neighboring features of one example, so that they need no sum over lanes.
/// </summary>
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
        // The sums of squares lie where the inverse deviations will.
        new CpuMoments(X, Batch, Features, Mean, InverseDeviation).Run<TLanes, TMemory>(worker);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        Statistics<TLanes, TMemory>(first, end);
        Normalize<TLanes, TMemory>(first, end);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Statistics<TLanes, TMemory>(int first, int end)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory mean = TMemory.At(Mean);
        TMemory inverseDeviation = TMemory.At(InverseDeviation);
        TMemory runningMean = TMemory.At(RunningMean);
        TMemory runningVariance = TMemory.At(RunningVariance);
        TLanes momentum = TLanes.Broadcast(Constants.Momentum);
        TLanes rest = TLanes.Broadcast(1f - Constants.Momentum);
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
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    void Normalize<TLanes, TMemory>(int first, int end)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Mean);
        TMemory deviations = TMemory.At(InverseDeviation);
        TMemory gains = TMemory.At(Gain);
        TMemory biases = TMemory.At(Bias);
        TMemory inputs = TMemory.At(X);
        TMemory outputs = TMemory.At(Y);
        for (int row = 0; row < Batch; row += RowBands.OfTwo)
        {
            int rows = IntrinsicMath.Min(RowBands.OfTwo, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                long start = ((long)row * Features) + feature;
                CpuNormalization.Run(
                    inputs.From(start), means.LoadPartial(feature, count), deviations.LoadPartial(feature, count),
                    gains.LoadPartial(feature, count), biases.LoadPartial(feature, count), rows, Features, count, outputs.From(start));
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
        TMemory means = TMemory.At(Mean);
        TMemory variances = TMemory.At(Variance);
        TMemory gains = TMemory.At(Gain);
        TMemory biases = TMemory.At(Bias);
        TMemory inputs = TMemory.At(X);
        TMemory outputs = TMemory.At(Y);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int row = 0; row < Batch; row += RowBands.OfTwo)
        {
            int rows = IntrinsicMath.Min(RowBands.OfTwo, Batch - row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                long start = ((long)row * Features) + feature;
                CpuNormalization.Run(
                    inputs.From(start), means.LoadPartial(feature, count),
                    Constants.InverseOfStored(variances.LoadPartial(feature, count)), gains.LoadPartial(feature, count),
                    biases.LoadPartial(feature, count), rows, Features, count, outputs.From(start));
            }
        }
    }
}

/// <summary>y = gain·(x - mean)·r + bias for some examples of neighboring features.</summary>
static class CpuNormalization
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Run<TLanes, TMemory>(
        TMemory x, TLanes mean, TLanes inverseDeviation, TLanes gain, TLanes bias, int rows, int stride, int count, TMemory y)
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
