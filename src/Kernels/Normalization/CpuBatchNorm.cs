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

/// <summary>
/// The mean of each feature and the sum of the squared differences from it, read once: those of bands of 8 examples, which the first cache
/// holds for a second pass, are merged one after another.
/// </summary>
/// <remarks>
/// For n examples with mean m and sum of squares s, and a band of k examples with mean m' and sum s':
/// <code>
/// m = m + (m' - m)·k / (n + k)        s = s + s' + (m' - m)²·nk / (n + k)
/// </code>
/// Source: T. F. Chan, G. H. Golub and R. J. LeVeque, "Updating formulae and a pairwise algorithm for computing sample variances", 1979.
/// </remarks>
/// <param name="X">x [N, H].</param>
/// <param name="Batch">N.</param>
/// <param name="Features">H.</param>
/// <param name="Means">The means [H].</param>
/// <param name="Squares">The sums of squared differences [H].</param>
readonly record struct CpuMoments(ViewMemory X, int Batch, int Features, ViewMemory Means, ViewMemory Squares) : IWorkerOperation
{
    // All means are those of the differences from the first example. Without that, equal values that are large would seem to vary by their
    // rounding.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Run<TLanes, TMemory>(Worker worker)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TMemory means = TMemory.At(Means);
        TMemory squares = TMemory.At(Squares);
        TMemory x = TMemory.At(X);
        (int first, int end) = worker.Share(Features, TLanes.Count);
        for (int row = 0; row < Batch; row += RowBands.OfOne)
        {
            int rows = IntrinsicMath.Min(RowBands.OfOne, Batch - row);
            float part = (float)rows / (row + rows);
            TLanes meanPart = TLanes.Broadcast(part);
            TLanes squarePart = TLanes.Broadcast(part * row);
            for (int feature = first; feature < end; feature += TLanes.Count)
            {
                int count = end - feature;
                TLanes shift = x.LoadPartial(feature, count);
                (TLanes bandMean, TLanes bandSquares) = Band(x.From(((long)row * Features) + feature), shift, rows, count);
                // 0 before the first band, whatever lies there.
                TLanes mean = row == 0 ? default : means.LoadPartial(feature, count);
                TLanes sum = row == 0 ? default : squares.LoadPartial(feature, count);
                TLanes difference = bandMean - mean;
                means.StorePartial(feature, count, TLanes.MultiplyAdd(difference, meanPart, mean));
                squares.StorePartial(feature, count, TLanes.MultiplyAdd(difference * difference, squarePart, sum + bandSquares));
            }
        }
        for (int feature = first; feature < end; feature += TLanes.Count)
        {
            int count = end - feature;
            means.StorePartial(feature, count, means.LoadPartial(feature, count) + x.LoadPartial(feature, count));
        }
    }

    // Of some examples: the mean of x - shift, and the sum of the squared differences from it.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    (TLanes Mean, TLanes Squares) Band<TLanes, TMemory>(TMemory x, TLanes shift, int rows, int count)
        where TLanes : unmanaged, ILanes<TLanes>
        where TMemory : struct, IMemory<TMemory, TLanes>
    {
        TLanes sum = default;
        TMemory values = x;
        for (int row = 0; row < rows; row++)
        {
            sum += values.LoadPartial(0, count) - shift;
            values = values.From(Features);
        }
        TLanes mean = sum / TLanes.Broadcast(rows);
        TLanes squares = default;
        values = x;
        for (int row = 0; row < rows; row++)
        {
            TLanes difference = values.LoadPartial(0, count) - shift - mean;
            squares = TLanes.MultiplyAdd(difference, difference, squares);
            values = values.From(Features);
        }
        return (mean, squares);
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
