using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using Makemore.Gpu.Kernels.Devices;

namespace Makemore.Gpu.Kernels.Normalization;

/// <summary>
/// Batch normalization for a processor: one thread owns a feature, so that sums need neither barriers nor a second launch.
/// </summary>
/// <remarks>
/// The mean is taken before the squares are summed: the difference of two large sums would lose the digits of a small variance.
/// </remarks>
sealed class CpuBatchNorm : IBatchNorm
{
    /// <summary>Rows of which sums over a batch are made in parts; the lectures' batch is one part.</summary>
    const int PartRows = 32;

    readonly Launcher launcher;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants, int, int,
        ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>> forward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        BatchNormConstants, int, int, ArrayView<float>> forwardFixed;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
        int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>> backward;
    readonly Action<AcceleratorStream, KernelConfig, ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>> moments;

    /// <summary>Loads the kernels.</summary>
    /// <param name="launcher">Where to load and launch them.</param>
    public CpuBatchNorm(Launcher launcher)
    {
        this.launcher = launcher;
        Accelerator accelerator = launcher.Accelerator;
        forward = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchNormConstants, int, int,
            ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>>(ForwardKernel);
        forwardFixed = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            BatchNormConstants, int, int, ArrayView<float>>(ForwardFixedKernel);
        backward = accelerator.LoadKernel<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>,
            int, int, ArrayView<float>, ArrayView<float>, ArrayView<float>>(BackwardKernel);
        moments = accelerator.LoadKernel<ArrayView<float>, int, int, ArrayView<float>, ArrayView<float>>(MomentsKernel);
    }

    public void Forward(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread) =>
        forward(launcher.Stream, launcher.Over(features), x, gain, bias, constants, batch, features, y, mean, inverseDeviation, runningMean, runningSpread);

    public void ForwardFixed(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y) =>
        forwardFixed(launcher.Stream, launcher.Over(features), x, gain, bias, mean, spread, constants, batch, features, y);

    public void Backward(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias) =>
        backward(launcher.Stream, launcher.Over(features), x, mean, inverseDeviation, gain, dy, batch, features, dx, dGain, dBias);

    public void Moments(ArrayView<float> x, int batch, int features, ArrayView<float> mean, ArrayView<float> squares) =>
        moments(launcher.Stream, launcher.Over(features), x, batch, features, mean, squares);

    // One thread for each feature.
    static void ForwardKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, BatchNormConstants constants, int batch, int features,
        ArrayView<float> y, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> runningMean, ArrayView<float> runningSpread)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            (float center, float squares) = FeatureMoments(x, feature, batch, features);
            float variance = squares / (batch - 1);
            float inverse = 1f / XMath.Sqrt(variance + constants.Epsilon);
            mean[feature] = center;
            inverseDeviation[feature] = inverse;

            if (constants.Momentum > 0f)
            {
                float spread = constants.Running == RunningStatistic.StandardDeviation ? XMath.Sqrt(variance) : variance;
                runningMean[feature] = Moved(runningMean[feature], center, constants.Momentum);
                runningSpread[feature] = Moved(runningSpread[feature], spread, constants.Momentum);
            }

            Normalize(x, gain[feature], bias[feature], center, inverse, feature, batch, features, y);
        }
    }

    // One thread for each feature.
    static void ForwardFixedKernel(
        ArrayView<float> x, ArrayView<float> gain, ArrayView<float> bias, ArrayView<float> mean, ArrayView<float> spread,
        BatchNormConstants constants, int batch, int features, ArrayView<float> y)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            float inverse = constants.Running == RunningStatistic.StandardDeviation
                ? 1f / spread[feature]
                : 1f / XMath.Sqrt(spread[feature] + constants.Epsilon);
            Normalize(x, gain[feature], bias[feature], mean[feature], inverse, feature, batch, features, y);
        }
    }

    // One thread for each feature.
    static void BackwardKernel(
        ArrayView<float> x, ArrayView<float> mean, ArrayView<float> inverseDeviation, ArrayView<float> gain, ArrayView<float> dy, int batch, int features,
        ArrayView<float> dx, ArrayView<float> dGain, ArrayView<float> dBias)
    {
        for (int feature = GridStride.First, stride = GridStride.Stride; feature < features; feature += stride)
        {
            float center = mean[feature];
            float inverse = inverseDeviation[feature];
            float sum = 0f;
            float sumNormalized = 0f;
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float gradient = dy[i];
                sum += gradient;
                sumNormalized += gradient * ((x[i] - center) * inverse);
            }
            dBias[feature] = sum;
            dGain[feature] = sumNormalized;

            float scale = gain[feature] * inverse;
            float meanGradient = sum / batch;
            float slope = sumNormalized / (batch - 1);
            for (int n = 0; n < batch; n++)
            {
                int i = (n * features) + feature;
                float normalized = (x[i] - center) * inverse;
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

    // Summed in parts: the rounding of a thousand terms one after another would be several units in the sixth digit.
    static (float Mean, float Squares) FeatureMoments(ArrayView<float> x, int feature, int batch, int features)
    {
        float sum = 0f;
        for (int first = 0; first < batch; first += PartRows)
        {
            int end = IntrinsicMath.Min(first + PartRows, batch);
            float part = 0f;
            for (int n = first; n < end; n++)
            {
                part += x[(n * features) + feature];
            }
            sum += part;
        }
        float mean = sum / batch;
        float squares = 0f;
        for (int first = 0; first < batch; first += PartRows)
        {
            int end = IntrinsicMath.Min(first + PartRows, batch);
            float part = 0f;
            for (int n = first; n < end; n++)
            {
                float difference = x[(n * features) + feature] - mean;
                part += difference * difference;
            }
            squares += part;
        }
        return (mean, squares);
    }

    static void Normalize(
        ArrayView<float> x, float gain, float bias, float mean, float inverse, int feature, int batch, int features, ArrayView<float> y)
    {
        for (int n = 0; n < batch; n++)
        {
            int i = (n * features) + feature;
            y[i] = (gain * ((x[i] - mean) * inverse)) + bias;
        }
    }

    static float Moved(float running, float batch, float momentum) => ((1f - momentum) * running) + (momentum * batch);
}
