using ILGPU;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;
using Makemore.Gpu.Kernels.Simd;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization for processors: the layered form on the CPU accelerator and on OpenCL devices that are processors. One thread
/// computes a feature, so that sums need neither barriers nor a second launch.
/// </summary>
/// <remarks>
/// The variance takes passes of its own, after the mean: Σ x² - N·mean² is the difference of two large sums and would lose the digits of a
/// small variance.
/// </remarks>
sealed class CpuBatchNorm : IBatchNorm
{
    /// <summary>Rows of a partial sum over the batch; the lectures' batch of 32 is one partial sum.</summary>
    const int PartialSumRows = 32;

    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants, int, int,
        ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        ArrayView<float>, BatchNormConstants, int, int, ArrayView<float>> forwardFixed;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        BatchNormConstants, ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>> backward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>> moments;

    public CpuBatchNorm(Launcher launcher)
    {
        this.launcher = launcher;
        Accelerator accelerator = launcher.Accelerator;
        forward = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants, int, int,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>>(ForwardKernel);
        forwardFixed = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            BatchNormConstants, int, int, ArrayView<float>>(ForwardFixedKernel);
        backward = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants,
            ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>>(BackwardKernel);
        moments = accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>>(MomentsKernel);
    }

    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation,
        ArrayView<float> runningMean, ArrayView<float> runningVariance) =>
        forward(
            launcher.Stream, launcher.Over(features), x, gain, bias, constants, batch, features,
            y, mean, inverseDeviation, runningMean, runningVariance);

    public void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y) =>
        forwardFixed(launcher.Stream, launcher.Over(features), x, gain, bias, mean, variance, constants, batch, features, y);

    public void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain,
        BatchNormConstants constants, ArrayView<float> dy, int batch, int features, ArrayView<float> dx, ArrayView<float> dGain,
        ArrayView<float> dBias) =>
        backward(
            launcher.Stream, launcher.Over(features), x, mean, inverseDeviation, gain, constants, dy, batch, features, dx, dGain, dBias);

    public void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares) =>
        moments(launcher.Stream, launcher.Over(features), x, batch, features, mean, squares);

    // One thread for each feature.
    static void ForwardKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation,
        ArrayView<float> runningMean, ArrayView<float> runningVariance)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            (float featureMean, float squares) = FeatureMoments(x, feature, batch, features);
            Scalar variance = Scalar.Broadcast(squares / constants.VarianceDivisor(batch));
            float rstd = constants.InverseDeviation(variance).First;
            mean[feature] = featureMean;
            inverseDeviation[feature] = rstd;

            if (constants.Momentum > 0f)
            {
                float statistic = constants.ToStored(variance).First;
                runningMean[feature] = RunningAverage(runningMean[feature], featureMean, constants.Momentum);
                runningVariance[feature] = RunningAverage(runningVariance[feature], statistic, constants.Momentum);
            }

            Normalize(x, gain[feature], bias[feature], featureMean, rstd, feature, batch, features, y);
        }
    }

    // One thread for each feature.
    static void ForwardFixedKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> variance,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            float rstd = constants.InverseOfStored(Scalar.Broadcast(variance[feature])).First;
            Normalize(x, gain[feature], bias[feature], mean[feature], rstd, feature, batch, features, y);
        }
    }

    // One thread for each feature.
    static void BackwardKernel(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain,
        BatchNormConstants constants, ArrayView<float> dy, int batch, int features, ArrayView<float> dx, ArrayView<float> dGain,
        ArrayView<float> dBias)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            float featureMean = mean[feature];
            float rstd = inverseDeviation[feature];
            float sum = 0f;
            float normalizedSum = 0f;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float gradient = dy[i];
                sum += gradient;
                normalizedSum += gradient * ((x[i] - featureMean) * rstd);
            }
            dBias[feature] = sum;
            dGain[feature] = normalizedSum;

            float scale = gain[feature] * rstd;
            float meanGradient = sum / batch;
            float slope = normalizedSum / constants.VarianceDivisor(batch) * constants.SlopeFactor(Scalar.Broadcast(rstd)).First;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float normalized = (x[i] - featureMean) * rstd;
                dx[i] = scale * (dy[i] - meanGradient - (normalized * slope));
            }
        }
    }

    // One thread for each feature.
    static void MomentsKernel(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            (mean[feature], squares[feature]) = FeatureMoments(x, feature, batch, features);
        }
    }

    // The mean is corrected by the mean difference from it. Without that, equal values that are large would seem to vary by their rounding.
    static (float Mean, float Squares) FeatureMoments(ArrayView<float> x, int feature, int batch, int features)
    {
        float roughMean = Sums(x, feature, batch, features, 0f).Differences / batch;
        float mean = roughMean + (Sums(x, feature, batch, features, roughMean).Differences / batch);
        return (mean, Sums(x, feature, batch, features, mean).Squares);
    }

    // Sums of partial sums: in one running sum, a thousand roundings would cost several units in the sixth digit.
    static (float Differences, float Squares) Sums(ArrayView<float> x, int feature, int batch, int features, float origin)
    {
        float sum = 0f;
        float squares = 0f;
        for (int first = 0; first < batch; first += PartialSumRows)
        {
            int end = IntrinsicMath.Min(first + PartialSumRows, batch);
            float partialSum = 0f;
            float partialSquares = 0f;
            for (int n = first; n < end; n++)
            {
                float difference = x[(n * features) + feature] - origin;
                partialSum += difference;
                partialSquares += difference * difference;
            }
            sum += partialSum;
            squares += partialSquares;
        }
        return (sum, squares);
    }

    static void Normalize(
        ArrayView<float> x, float gain, float bias, float mean, float rstd, int feature, int batch, int features, ArrayView<float> y)
    {
        for (int n = 0; n < batch; n++)
        {
            int i = (n * features) + feature;
            y[i] = (gain * ((x[i] - mean) * rstd)) + bias;
        }
    }

    static float RunningAverage(float running, float batch, float momentum) => ((1f - momentum) * running) + (momentum * batch);
}
